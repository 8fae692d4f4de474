/** Every route and every live event, asked for by every role and by nobody, over the network; the answers must be those of the role table. */
import { io } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { problemSchema } from "../../../contracts/api.ts";
import { ROLES, type Role } from "../../../contracts/permissions.ts";
import { realtimePermissions } from "../../../contracts/realtime.ts";
import { ROLE_TABLE } from "../../../server/identity/role-table.ts";
import { type LiveClient, liveClient } from "../../helpers/live-client.ts";
import { plainDevice } from "../../helpers/plain-device.ts";
import { fixture, type System, system } from "../../helpers/system.ts";
import { waitFor } from "../../helpers/wait-for.ts";

/** Nobody's id, and a body that no route takes: what may be done is asked for, and nothing is done. */
const ID = "00000000-0000-4000-8000-000000000000";
const SESSION_NEEDED = "session-needed";

/**
 * Every route: what it takes, a request for it, and how who may is answered, by status or code. A route that isn't here fails the
 * test, and so does one that takes another right than it says here.
 */
const SAMPLES: Readonly<Record<string, readonly [permission: string, path: string, answer: number | string]>> = {
	"GET /healthz": ["public", "/healthz", 200],
	"GET /readyz": ["public", "/readyz", 200],
	"GET /metrics": ["public", "/metrics", 200],
	"GET /api/openapi.json": ["public", "/api/openapi.json", 200],
	"GET /api/v1/sites": ["site.read", "/api/v1/sites", 200],
	"GET /api/v1/sites/{id}": ["site.read", "/api/v1/sites/system", 200],
	"GET /api/v1/locations": ["site.read", "/api/v1/locations", 200],
	"GET /api/v1/points": ["site.read", "/api/v1/points", 200],
	"GET /api/v1/points/{id}": ["site.read", "/api/v1/points/thermo:temperature", 200],
	"GET /api/v1/points/{id}/history": ["site.read", "/api/v1/points/thermo:temperature/history", 200],
	"GET /api/v1/points/{id}/history.csv": ["site.read", "/api/v1/points/thermo:temperature/history.csv", 200],
	"GET /api/v1/points/{id}/alarm-transitions": ["alarms.read", "/api/v1/points/thermo:temperature/alarm-transitions", 200],
	"GET /api/v1/devices": ["site.read", "/api/v1/devices", 200],
	"GET /api/v1/devices/{id}": ["site.read", "/api/v1/devices/thermo", 200],
	"GET /api/v1/devices/{id}/quarantine": ["quarantine.read", "/api/v1/devices/thermo/quarantine", 200],
	"GET /api/v1/devices/{id}/sequence-gaps": ["site.read", "/api/v1/devices/door-1/sequence-gaps", 200],
	"GET /api/v1/seen-devices": ["quarantine.read", "/api/v1/seen-devices", 200],
	"GET /api/v1/seen-devices/{id}": ["quarantine.read", "/api/v1/seen-devices/nothing", 404],
	"GET /api/v1/added-devices": ["site.read", "/api/v1/added-devices", 200],
	"GET /api/v1/agents": ["site.read", "/api/v1/agents", 200],
	"GET /api/v1/agents/{id}": ["site.read", "/api/v1/agents/agent-1", 200],
	"GET /api/v1/agents/{id}/quarantine": ["quarantine.read", "/api/v1/agents/agent-1/quarantine", 200],
	"GET /api/v1/alarms": ["alarms.read", "/api/v1/alarms", 200],
	"GET /api/v1/alarms/quality": ["alarms.read", "/api/v1/alarms/quality?from=0&to=1", 200],
	"GET /api/v1/alarms/quality/periods": ["alarms.read", "/api/v1/alarms/quality/periods?from=0&to=1&by=shift", 200],
	"GET /api/v1/alarms/{id}": ["alarms.read", `/api/v1/alarms/${ID}`, 404],
	"GET /api/v1/alarms/{id}/transitions": ["alarms.read", `/api/v1/alarms/${ID}/transitions`, 404],
	"GET /api/v1/alarms/summary": ["alarms.read", "/api/v1/alarms/summary", 200],
	"POST /api/v1/alarms/acknowledge": ["alarms.acknowledge", "/api/v1/alarms/acknowledge", 400],
	"POST /api/v1/alarms/{id}/acknowledge": ["alarms.acknowledge", `/api/v1/alarms/${ID}/acknowledge`, 400],
	"POST /api/v1/alarms/{id}/reset": ["alarms.acknowledge", `/api/v1/alarms/${ID}/reset`, 400],
	"POST /api/v1/alarms/{id}/shelve": ["alarms.shelve", `/api/v1/alarms/${ID}/shelve`, 400],
	"POST /api/v1/alarms/{id}/unshelve": ["alarms.shelve", `/api/v1/alarms/${ID}/unshelve`, 400],
	"POST /api/v1/alarms/{id}/out-of-service": ["alarms.service", `/api/v1/alarms/${ID}/out-of-service`, 400],
	"GET /api/v1/racks/power": ["site.read", "/api/v1/racks/power", 200],
	"GET /api/v1/rules": ["alarms.read", "/api/v1/rules", 200],
	"GET /api/v1/notifications": ["alarms.read", "/api/v1/notifications", 200],
	"GET /api/v1/notifications/state": ["alarms.read", "/api/v1/notifications/state", 200],
	"GET /api/v1/notifications/pages": ["alarms.read", "/api/v1/notifications/pages", 200],
	"GET /api/v1/notifications/tests": ["alarms.read", "/api/v1/notifications/tests", 200],
	"POST /api/v1/notifications/tests": ["roster.manage", "/api/v1/notifications/tests", 400],
	"GET /api/v1/notifications/proofs/{token}": ["public", "/api/v1/notifications/proofs/aaaaaaaaaaaaaaaaaaaa", 404],
	"POST /api/v1/notifications/proofs/{token}": ["public", "/api/v1/notifications/proofs/aaaaaaaaaaaaaaaaaaaa", 404],
	"GET /api/v1/rules/deleted": ["alarms.read", "/api/v1/rules/deleted", 200],
	"GET /api/v1/rules/{id}": ["alarms.read", "/api/v1/rules/nothing", 404],
	"GET /api/v1/rules/{id}/versions": ["alarms.read", "/api/v1/rules/nothing/versions", 404],
	"GET /api/v1/rules/{id}/differences": ["alarms.read", "/api/v1/rules/nothing/differences?from=0", 404],
	"POST /api/v1/rules/replay": ["rules.propose", "/api/v1/rules/replay", 400],
	"POST /api/v1/rules/{id}/replay": ["rules.propose", "/api/v1/rules/nothing/replay", 400],
	"POST /api/v1/rules/changes": ["rules.propose", "/api/v1/rules/changes", 400],
	"GET /api/v1/roster": ["roster.read", "/api/v1/roster", 200],
	"PUT /api/v1/roster": ["roster.manage", "/api/v1/roster", 400],
	"GET /api/v1/roster/on-duty": ["roster.read", "/api/v1/roster/on-duty", 200],
	"GET /api/v1/roster/duties": ["roster.read", "/api/v1/roster/duties", 200],
	"POST /api/v1/roster/assignments": ["roster.manage", "/api/v1/roster/assignments", 400],
	"GET /api/v1/roster/absences": ["roster.read", "/api/v1/roster/absences", 200],
	"POST /api/v1/roster/absences": ["roster.serve", "/api/v1/roster/absences", 400],
	"DELETE /api/v1/roster/absences/{id}": ["roster.serve", `/api/v1/roster/absences/${ID}`, 404],
	"GET /api/v1/roster/swaps": ["roster.read", "/api/v1/roster/swaps", 200],
	"POST /api/v1/roster/swaps": ["roster.serve", "/api/v1/roster/swaps", 400],
	"POST /api/v1/roster/swaps/{id}/accept": ["roster.serve", `/api/v1/roster/swaps/${ID}/accept`, 400],
	"POST /api/v1/roster/swaps/{id}/decline": ["roster.serve", `/api/v1/roster/swaps/${ID}/decline`, 400],
	"POST /api/v1/roster/swaps/{id}/withdraw": ["roster.serve", `/api/v1/roster/swaps/${ID}/withdraw`, 400],
	"GET /api/v1/roster/hand-overs": ["roster.read", "/api/v1/roster/hand-overs", 200],
	"POST /api/v1/roster/hand-overs": ["roster.serve", "/api/v1/roster/hand-overs", 400],
	"POST /api/v1/roster/hand-overs/{id}/take": ["roster.serve", `/api/v1/roster/hand-overs/${ID}/take`, 400],
	"GET /api/v1/roster/contacts": ["roster.read", "/api/v1/roster/contacts", 200],
	"PUT /api/v1/roster/contacts/{person}": ["roster.serve", "/api/v1/roster/contacts/nobody", 400],
	"GET /api/v1/access/events": ["access.read", "/api/v1/access/events", 200],
	"GET /api/v1/access/doors": ["site.read", "/api/v1/access/doors", 200],
	"GET /api/v1/access/door-events": ["site.read", "/api/v1/access/door-events", 200],
	"GET /api/v1/access/findings": ["access.read", "/api/v1/access/findings", 200],
	"GET /api/v1/access/occupancy": ["access.read", "/api/v1/access/occupancy", 200],
	"GET /api/v1/access/muster": ["access.read", "/api/v1/access/muster", 200],
	"GET /api/v1/access/muster.csv": ["access.personal", "/api/v1/access/muster.csv", 200],
	"POST /api/v1/access/occupancy/corrections": ["occupancy.correct", "/api/v1/access/occupancy/corrections", 400],
	"GET /api/v1/access/zones": ["access.read", "/api/v1/access/zones", 200],
	"GET /api/v1/access/holders": ["access.read", "/api/v1/access/holders", 200],
	"POST /api/v1/access/holders": ["holders.manage", "/api/v1/access/holders", 400],
	"GET /api/v1/access/holders/{id}": ["access.personal", "/api/v1/access/holders/nobody", 404],
	"PUT /api/v1/access/holders/{id}": ["holders.manage", "/api/v1/access/holders/nobody", 400],
	"GET /api/v1/access/holders/{id}/permitted": ["access.personal", "/api/v1/access/holders/nobody/permitted", 404],
	"GET /api/v1/access/doors/{id}/permitted": ["access.read", "/api/v1/access/doors/nowhere/permitted", 404],
	"GET /api/v1/access/credentials": ["access.read", "/api/v1/access/credentials", 200],
	"POST /api/v1/access/credentials": ["holders.manage", "/api/v1/access/credentials", 400],
	"GET /api/v1/access/credentials/{id}": ["access.read", `/api/v1/access/credentials/${ID}`, 404],
	"POST /api/v1/access/credentials/{id}/state": ["holders.manage", `/api/v1/access/credentials/${ID}/state`, 400],
	"GET /api/v1/access/grants": ["access.read", "/api/v1/access/grants", 200],
	"POST /api/v1/access/import": ["holders.manage", "/api/v1/access/import", 415],
	"POST /api/v1/access/grants": ["grants.manage", "/api/v1/access/grants", 400],
	"POST /api/v1/access/grants/{id}/revoke": ["grants.manage", `/api/v1/access/grants/${ID}/revoke`, 400],
	"POST /api/v1/access/grants/{id}/renew": ["grants.manage", `/api/v1/access/grants/${ID}/renew`, 400],
	"GET /api/v1/access/controllers": ["access.read", "/api/v1/access/controllers", 200],
	"GET /api/v1/access/controllers/{id}": ["access.read", "/api/v1/access/controllers/door-1", 200],
	"POST /api/v1/access/controllers/{id}/check": ["controllers.manage", "/api/v1/access/controllers/nothing/check", 404],
	"POST /api/v1/access/controllers/{id}/repair": ["controllers.manage", "/api/v1/access/controllers/nothing/repair", 404],
	"GET /api/v1/access/removals": ["access.read", "/api/v1/access/removals", 200],
	"GET /api/v1/visitors": ["visitors.read", "/api/v1/visitors", 200],
	"POST /api/v1/visitors": ["visitors.request", "/api/v1/visitors", 400],
	"GET /api/v1/visitors/{id}": ["visitors.read", `/api/v1/visitors/${ID}`, 404],
	"GET /api/v1/visitors/{id}/history": ["visitors.read", `/api/v1/visitors/${ID}/history`, 404],
	"POST /api/v1/visitors/{id}/approve": ["visitors.approve", `/api/v1/visitors/${ID}/approve`, 400],
	"POST /api/v1/visitors/{id}/reject": ["visitors.approve", `/api/v1/visitors/${ID}/reject`, 400],
	"POST /api/v1/visitors/{id}/cancel": ["visitors.request", `/api/v1/visitors/${ID}/cancel`, 400],
	"POST /api/v1/visitors/{id}/check-in": ["visitors.desk", `/api/v1/visitors/${ID}/check-in`, 400],
	"POST /api/v1/visitors/{id}/accept-escort": ["visitors.request", `/api/v1/visitors/${ID}/accept-escort`, 400],
	"POST /api/v1/visitors/{id}/badge": ["visitors.desk", `/api/v1/visitors/${ID}/badge`, 400],
	"POST /api/v1/visitors/{id}/check-out": ["visitors.desk", `/api/v1/visitors/${ID}/check-out`, 400],
	"POST /api/v1/visitors/{id}/badge-returned": ["visitors.desk", `/api/v1/visitors/${ID}/badge-returned`, 400],
	"GET /api/v1/media": ["media.read", "/api/v1/media", 200],
	"POST /api/v1/media": ["media.manage", "/api/v1/media", 400],
	"GET /api/v1/media/{id}": ["media.read", `/api/v1/media/${ID}`, 404],
	"GET /api/v1/media/{id}/steps": ["media.read", `/api/v1/media/${ID}/steps`, 404],
	"POST /api/v1/media/{id}/steps": ["media.handle", `/api/v1/media/${ID}/steps`, 400],
	"GET /api/v1/media/{id}/certificate.json": ["media.read", `/api/v1/media/${ID}/certificate.json`, 404],
	"GET /api/v1/media/{id}/certificate.pdf": ["media.read", `/api/v1/media/${ID}/certificate.pdf`, 404],
	"GET /api/v1/media/people": ["media.handle", "/api/v1/media/people", 200],
	"GET /api/v1/media/incidents": ["media.read", "/api/v1/media/incidents", 200],
	"POST /api/v1/media/photos": ["media.handle", "/api/v1/media/photos", 415],
	"GET /api/v1/media/photos/{digest}": ["media.read", `/api/v1/media/photos/${"0".repeat(64)}`, 404],
	"GET /api/v1/media/policies": ["media.read", "/api/v1/media/policies", 200],
	"GET /api/v1/media/stores": ["media.read", "/api/v1/media/stores", 200],
	"POST /api/v1/media/stores": ["media.manage", "/api/v1/media/stores", 400],
	"GET /api/v1/media/stores/{id}/counts": ["media.read", "/api/v1/media/stores/nowhere/counts", 404],
	"POST /api/v1/media/stores/{id}/counts": ["media.handle", "/api/v1/media/stores/nowhere/counts", 400],
	"GET /api/v1/media/equipment": ["media.read", "/api/v1/media/equipment", 200],
	"POST /api/v1/media/equipment": ["media.manage", "/api/v1/media/equipment", 400],
	"GET /api/v1/media/equipment/{id}": ["media.read", `/api/v1/media/equipment/${ID}`, 404],
	"POST /api/v1/media/equipment/{id}/records": ["media.manage", `/api/v1/media/equipment/${ID}/records`, 400],
	"POST /api/v1/media/equipment/{id}/retire": ["media.manage", `/api/v1/media/equipment/${ID}/retire`, 400],
	"GET /api/v1/media/batches": ["media.read", "/api/v1/media/batches", 200],
	"POST /api/v1/media/batches": ["media.manage", "/api/v1/media/batches", 400],
	"GET /api/v1/media/batches/{id}": ["media.read", `/api/v1/media/batches/${ID}`, 404],
	"POST /api/v1/media/batches/{id}/import": ["media.manage", `/api/v1/media/batches/${ID}/import`, 415],
	"POST /api/v1/media/batches/{id}/bays": ["media.handle", `/api/v1/media/batches/${ID}/bays`, 400],
	"GET /api/v1/media/batches/{id}/certificate.json": ["media.read", `/api/v1/media/batches/${ID}/certificate.json`, 404],
	"GET /api/v1/media/batches/{id}/certificate.pdf": ["media.read", `/api/v1/media/batches/${ID}/certificate.pdf`, 404],
	"GET /api/v1/media/batches/{id}/reconciliation": ["media.read", `/api/v1/media/batches/${ID}/reconciliation`, 404],
	"POST /api/v1/media/batches/{id}/close": ["media.manage", `/api/v1/media/batches/${ID}/close`, 400],
	"GET /api/v1/visitor-badges": ["visitors.read", "/api/v1/visitor-badges", 200],
	"POST /api/v1/visitor-badges": ["holders.manage", "/api/v1/visitor-badges", 400],
	"DELETE /api/v1/visitor-badges/{id}": ["holders.manage", "/api/v1/visitor-badges/nothing", 404],
	"GET /api/v1/personnel/leavers": ["access.read", "/api/v1/personnel/leavers", 200],
	"GET /api/v1/personnel/leavers/{id}": ["access.read", `/api/v1/personnel/leavers/${ID}`, 404],
	"POST /api/v1/personnel/leavers/{id}/cards/{credential}/returned": ["holders.manage", `/api/v1/personnel/leavers/${ID}/cards/${ID}/returned`, 404],
	"POST /api/v1/personnel/import": ["personnel.provision", "/api/v1/personnel/import", 415],
	"GET /scim/v2/ServiceProviderConfig": ["personnel.provision", "/scim/v2/ServiceProviderConfig", 200],
	"GET /scim/v2/ResourceTypes": ["personnel.provision", "/scim/v2/ResourceTypes", 200],
	"GET /scim/v2/ResourceTypes/User": ["personnel.provision", "/scim/v2/ResourceTypes/User", 200],
	"GET /scim/v2/Schemas": ["personnel.provision", "/scim/v2/Schemas", 200],
	"GET /scim/v2/Schemas/{id}": ["personnel.provision", "/scim/v2/Schemas/nothing", 404],
	"GET /scim/v2/Users": ["personnel.provision", "/scim/v2/Users", 200],
	"POST /scim/v2/Users": ["personnel.provision", "/scim/v2/Users", 400],
	"GET /scim/v2/Users/{id}": ["personnel.provision", "/scim/v2/Users/nobody", 404],
	"PUT /scim/v2/Users/{id}": ["personnel.provision", "/scim/v2/Users/nobody", 400],
	"PATCH /scim/v2/Users/{id}": ["personnel.provision", "/scim/v2/Users/nobody", 400],
	"DELETE /scim/v2/Users/{id}": ["personnel.provision", "/scim/v2/Users/nobody", 404],
	"GET /api/v1/links": ["links.manage", "/api/v1/links", 200],
	"POST /api/v1/agents/{id}/enrolment": ["links.manage", "/api/v1/agents/nothing/enrolment", 404],
	"POST /api/v1/agents/{id}/token": ["links.manage", "/api/v1/agents/nothing/token", 404],
	"POST /api/v1/agents/{id}/revocation": ["links.manage", "/api/v1/agents/nothing/revocation", 404],
	"PUT /api/v1/device-accounts/{name}": ["links.manage", "/api/v1/device-accounts/nothing", 400],
	"DELETE /api/v1/device-accounts/{name}": ["links.manage", "/api/v1/device-accounts/nothing", 404],
	"POST /api/v1/session": ["public", "/api/v1/session", 400],
	"GET /api/v1/session": ["signed-in", "/api/v1/session", 200],
	"DELETE /api/v1/session": ["signed-in", "/api/v1/session", SESSION_NEEDED],
	"POST /api/v1/session/confirm": ["signed-in", "/api/v1/session/confirm", 400],
	"POST /api/v1/session/password": ["signed-in", "/api/v1/session/password", 400],
	"POST /api/v1/session/second-factor": ["signed-in", "/api/v1/session/second-factor", SESSION_NEEDED],
	"POST /api/v1/session/second-factor/confirm": ["signed-in", "/api/v1/session/second-factor/confirm", 400],
	"GET /api/v1/session/sessions": ["signed-in", "/api/v1/session/sessions", 200],
	"DELETE /api/v1/session/sessions/{id}": ["signed-in", `/api/v1/session/sessions/${ID}`, SESSION_NEEDED],
	"GET /api/v1/tokens": ["signed-in", "/api/v1/tokens", 200],
	"POST /api/v1/tokens": ["signed-in", "/api/v1/tokens", 400],
	"DELETE /api/v1/tokens/{id}": ["signed-in", `/api/v1/tokens/${ID}`, SESSION_NEEDED],
	"GET /api/v1/set-up/{token}": ["public", "/api/v1/set-up/nothing", 404],
	"POST /api/v1/set-up/{token}": ["public", "/api/v1/set-up/nothing", 400],
	"GET /api/v1/users": ["users.read", "/api/v1/users", 200],
	"POST /api/v1/users": ["users.manage", "/api/v1/users", 400],
	"GET /api/v1/users/{id}": ["users.read", `/api/v1/users/${ID}`, 404],
	"PATCH /api/v1/users/{id}": ["users.manage", `/api/v1/users/${ID}`, 400],
	"POST /api/v1/users/{id}/reset": ["users.manage", `/api/v1/users/${ID}/reset`, 404],
	"POST /api/v1/users/{id}/close": ["users.manage", `/api/v1/users/${ID}/close`, 404],
	"GET /api/v1/users/{id}/sessions": ["sessions.revoke", `/api/v1/users/${ID}/sessions`, 404],
	"DELETE /api/v1/users/{id}/sessions/{sid}": ["sessions.revoke", `/api/v1/users/${ID}/sessions/${ID}`, 404],
	"GET /api/v1/roles": ["signed-in", "/api/v1/roles", 200],
	"GET /api/v1/audit": ["audit.read", "/api/v1/audit", 200],
	"GET /api/v1/audit/exports": ["audit.read", "/api/v1/audit/exports", 200],
	"GET /api/v1/audit/exports/{id}/lines.jsonl": ["audit.export-propose", `/api/v1/audit/exports/${ID}/lines.jsonl`, 404],
	"GET /api/v1/audit/reviews": ["audit.read", "/api/v1/audit/reviews", 200],
	"POST /api/v1/audit/reviews/{id}/sign": ["audit.review", "/api/v1/audit/reviews/nothing/sign", 400],
	"GET /api/v1/ledger": ["ledger.read", "/api/v1/ledger", 200],
	"GET /api/v1/ledger/checkpoint": ["ledger.read", "/api/v1/ledger/checkpoint", 200],
	"GET /api/v1/ledger/key": ["ledger.read", "/api/v1/ledger/key", 200],
	"GET /api/v1/ledger/entries": ["ledger.read", "/api/v1/ledger/entries", 200],
	"GET /api/v1/ledger/entries/{n}": ["ledger.read", "/api/v1/ledger/entries/0", 200],
	"GET /api/v1/ledger/entries/{n}/proof": ["ledger.read", "/api/v1/ledger/entries/0/proof", 200],
	"GET /api/v1/ledger/entries/{n}/evidence": ["ledger.read", "/api/v1/ledger/entries/0/evidence", 200],
	"GET /api/v1/ledger/consistency": ["ledger.read", "/api/v1/ledger/consistency?from=1&to=1", 200],
	"GET /api/v1/changes": ["signed-in", "/api/v1/changes", 200],
	"POST /api/v1/changes": ["signed-in", "/api/v1/changes", 400],
	"GET /api/v1/changes/{id}": ["signed-in", `/api/v1/changes/${ID}`, 404],
	"POST /api/v1/changes/{id}/approve": ["signed-in", `/api/v1/changes/${ID}/approve`, 400],
	"POST /api/v1/changes/{id}/reject": ["signed-in", `/api/v1/changes/${ID}/reject`, 400],
	"POST /api/v1/changes/{id}/withdraw": ["signed-in", `/api/v1/changes/${ID}/withdraw`, 400],
	"GET /api/v1/reviews": ["reviews.read", "/api/v1/reviews", 200],
	"POST /api/v1/reviews": ["reviews.manage", "/api/v1/reviews", 400],
	"GET /api/v1/reviews/{id}": ["reviews.read", `/api/v1/reviews/${ID}`, 404],
	"GET /api/v1/reviews/{id}/items": ["reviews.read", `/api/v1/reviews/${ID}/items`, 404],
	"GET /api/v1/reviews/{id}/items/{item}": ["reviews.read", `/api/v1/reviews/${ID}/items/${ID}`, 404],
	"GET /api/v1/reviews/{id}/items/{item}/assignments": ["reviews.read", `/api/v1/reviews/${ID}/items/${ID}/assignments`, 404],
	"GET /api/v1/reviews/{id}/report.json": ["reviews.read", `/api/v1/reviews/${ID}/report.json`, 404],
	"GET /api/v1/reviews/{id}/report.csv": ["reviews.read", `/api/v1/reviews/${ID}/report.csv`, 404],
	"GET /api/v1/reviews/{id}/report.pdf": ["reviews.read", `/api/v1/reviews/${ID}/report.pdf`, 404],
	"GET /api/v1/reviews/{id}/evidence": ["reviews.read", `/api/v1/reviews/${ID}/evidence`, 404],
	"POST /api/v1/reviews/{id}/items/{item}/decision": ["reviews.decide", `/api/v1/reviews/${ID}/items/${ID}/decision`, 400],
	"POST /api/v1/reviews/{id}/decisions": ["reviews.decide", `/api/v1/reviews/${ID}/decisions`, 400],
	"POST /api/v1/reviews/{id}/attest": ["reviews.decide", `/api/v1/reviews/${ID}/attest`, 400],
	"POST /api/v1/reviews/{id}/submit": ["reviews.decide", `/api/v1/reviews/${ID}/submit`, 404],
	"POST /api/v1/reviews/{id}/items/{item}/reassign": ["reviews.manage", `/api/v1/reviews/${ID}/items/${ID}/reassign`, 400],
	"POST /api/v1/reviews/{id}/items/{item}/resolve": ["reviews.manage", `/api/v1/reviews/${ID}/items/${ID}/resolve`, 400],
	"POST /api/v1/reviews/{id}/sign-off": ["reviews.sign-off", `/api/v1/reviews/${ID}/sign-off`, 404],
	"GET /api/v1/retention": ["signed-in", "/api/v1/retention", 200],
};

let running: System;
beforeAll(async () => {
	running = await system({ site: fixture("system.yaml") });
	await running.startServer();
	await running.startAgent();
}, 120_000);
afterAll(() => running?.stop());

const holds = (role: Role, permission: string): boolean => (ROLE_TABLE[role] as readonly string[]).includes(permission);
const openApiSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.object({ "x-permission": z.string() }))) });

const scimErrorSchema = z.object({
	schemas: z.tuple([z.literal("urn:ietf:params:scim:api:messages:2.0:Error")]),
	status: z.string(),
	detail: z.string(),
});

/** Status of a good answer or of wrong input, code of a refusal. */
async function answerTo(route: string, path: string, role: Role | null): Promise<number | string> {
	const [method = ""] = route.split(" ");
	const body = ["GET", "DELETE"].includes(method) ? {} : { body: '{"nothing":1}', headers: { "content-type": "application/json" } };
	const answer = await running.ask(path, { method, ...body }, role);
	const text = await answer.text();
	// SCIM clients get SCIM's errors (RFC 7644, 3.12), which have no code.
	if (path.startsWith("/scim/") && answer.status >= 400) {
		expect(scimErrorSchema.parse(JSON.parse(text)).status).toBe(String(answer.status));
		return answer.status === 401 ? "not-signed-in" : answer.status === 403 ? "forbidden" : answer.status;
	}
	return [401, 403].includes(answer.status) ? problemSchema.parse(JSON.parse(text)).code : answer.status;
}

function expected(permission: string, answer: number | string, role: Role | null): number | string {
	if (permission === "public") return answer;
	if (role === null) return "not-signed-in";
	return permission === "signed-in" || holds(role, permission) ? answer : "forbidden";
}

test("every route of the API is walked here, and takes the right that stands here", async () => {
	const { paths } = openApiSchema.parse(await (await running.ask("/api/openapi.json", {}, null)).json());
	const listed = Object.entries(paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, route]) => [`${method.toUpperCase()} ${path}`, route["x-permission"]]),
	);
	expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(Object.entries(SAMPLES).map(([route, [permission]]) => [route, permission])));
});

test.each([...ROLES, null])("%s is answered by every route as the role table says", { timeout: 60_000 }, async (role) => {
	const found: Record<string, number | string> = {};
	const wanted: Record<string, number | string> = {};
	for (const [route, [permission, path, answer]] of Object.entries(SAMPLES)) {
		found[route] = await answerTo(route, path, role);
		wanted[route] = expected(permission, answer, role);
	}
	expect(found).toEqual(wanted);
});

test("HEAD takes the same right as GET, and an unknown path tells nobody more than that", async () => {
	const head = async (path: string, role: Role | null) => (await running.ask(path, { method: "HEAD" }, role)).status;
	expect([await head("/api/v1/audit", null), await head("/api/v1/audit", "operator"), await head("/api/v1/audit", "auditor")]).toEqual([
		401, 403, 200,
	]);
	expect([await head("/api/v1/secrets", null), await head("/api/v1/secrets", "auditor")]).toEqual([404, 404]);
});

test("nobody without a log-in gets a live connection", async () => {
	const socket = io(running.url, { transports: ["websocket"], forceNew: true, reconnection: false });
	const error = await new Promise<Error & { data?: unknown }>((resolve) => socket.once("connect_error", resolve));
	socket.disconnect();
	expect([error.message, error.data]).toEqual(["not-signed-in", expect.objectContaining({ code: "not-signed-in" })]);
});

test("every live event reaches the roles that may have it, masked as they may see it, and no other", { timeout: 60_000 }, async () => {
	const clients = new Map<Role, LiveClient>();
	for (const role of ROLES) clients.set(role, await liveClient(running, "system", role));
	const thermo = await plainDevice(running.devicePort, "thermo");
	const door = await plainDevice(running.devicePort, "door-1");
	try {
		const card = { format: "H10301", facility: 12, number: 3456 };
		const badge = { door: "main", direction: "in", method: "card", card, fingerprint: null, result: "granted", reason: "granted" };
		await thermo.say("temperature", { value: 60 });
		await door.say("access", { ts: Date.now(), seq: 1, ...badge });
		await door.say("door", { ts: Date.now(), seq: 2, door: "main", state: "forced" });
		const lists = {
			reading: "readings",
			alarm: "alarms",
			access: "access",
			door: "doors",
			finding: "findings",
			agent: "agents",
			notice: "notices",
		} as const;
		const gets = (role: Role) =>
			Object.entries(realtimePermissions)
				.filter(([, permission]) => permission === "signed-in" || holds(role, permission))
				.map(([event]) => event);
		const got = (role: Role) =>
			Object.entries(lists)
				.filter(([, list]) => (clients.get(role)?.[list].length ?? 0) > 0)
				.map(([event]) => event);
		await waitFor(
			"every event at every role that may have it",
			() => ROLES.every((role) => gets(role).every((event) => got(role).includes(event))),
			20_000,
		);
		// What was sent by then has arrived with the heartbeats after it.
		const heartbeats = new Map(ROLES.map((role) => [role, clients.get(role)?.notices.length ?? 0]));
		await waitFor("two more heartbeats", () => ROLES.every((role) => (clients.get(role)?.notices.length ?? 0) >= (heartbeats.get(role) ?? 0) + 2));
		for (const role of ROLES) {
			expect(got(role), role).toEqual(gets(role));
			const [event] = clients.get(role)?.access ?? [];
			if (!event) continue;
			const shown = {
				holder: holds(role, "access.personal") ? "Ada Byron" : "•••",
				card: `H10301 12-${holds(role, "access.card-numbers") ? "3456" : "**56"}`,
			};
			expect({ holder: event.holder?.name, card: event.card }, role).toEqual(shown);
			const { items } = z.object({ items: z.array(z.unknown()) }).parse(await running.get("/api/v1/access/events", role));
			expect(items, `${role}: REST shows the same`).toEqual([event]);
			expect(clients.get(role)?.misfits, role).toEqual([]);
		}
	} finally {
		for (const client of clients.values()) client.stop();
		await thermo.stop();
		await door.stop();
	}
});
