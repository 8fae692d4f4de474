import type { Sample } from "./sample.ts";

const ID = "rack-7-inlet";
const topic = `v3/halls@ttn/devices/${ID}/up`;
const base64 = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex").toString("base64");
const uplink = (message: object) =>
	JSON.stringify({
		end_device_ids: { device_id: ID, application_ids: { application_id: "halls" } },
		received_at: "2026-09-20T10:00:01.123456789Z",
		uplink_message: { received_at: "2026-09-20T10:00:00.900000000Z", ...message },
	});

export const samples: readonly Sample[] = [
	{
		about: "Milesight's bytes, with a record of the past",
		topic,
		payload: uplink({ f_port: 85, frm_payload: base64("01 75 61  03 67 FA 00  04 68 60  07 7D BC 02  20 CE 80 49 AE 6A  E0 00  50  58 02") }),
		expect: [
			{
				device: ID,
				// Of each channel the record's value is the last one; the live ones are told apart in lorawan.test.ts.
				readings: { battery: [97, "%"], temperature: [22.4, "C"], humidity: [40, "%"], co2: [600, "ppm"] },
				historical: false,
				info: {},
			},
		],
	},
	{
		about: "Dragino, decoded, with a probe on I2C and none on the input",
		topic,
		payload: uplink({
			f_port: 2,
			frm_payload: base64("0E 10 0000 0100 00 00FA 01F4"),
			decoded_payload: { BatV: 3.6, TempC1: 0, TempC_SHT: 25, Hum_SHT: 50, Work_mode: "IIC", EXTI_Trigger: "FALSE" },
		}),
		expect: [
			{
				device: ID,
				readings: { BatV: [3.6, "V"], TempC_SHT: [25, "C"], Hum_SHT: [50, "%"], Work_mode: "IIC", EXTI_Trigger: false },
				ts: Date.UTC(2026, 8, 20, 10, 0, 0, 900),
				info: {},
			},
		],
	},
	{
		about: "Dragino, decoded, with a probe pulled out",
		topic,
		payload: uplink({
			frm_payload: base64("0E 10 00FA 0100 0C FFFF 00FB"),
			decoded_payload: { TempC1: 25, TempC2: -0.1, TempC3: 25.1, Work_mode: "3DS18B20" },
		}),
		expect: [{ device: ID, readings: { TempC1: [25, "C"], TempC3: [25.1, "C"], Work_mode: "3DS18B20" }, info: {} }],
	},
	{
		about: "an uplink that somebody has typed in the console is no measurement",
		topic,
		payload: JSON.stringify({ ...(JSON.parse(uplink({ decoded_payload: { TempC_DS: 21 } })) as object), simulated: true }),
		expect: [{ device: ID }],
	},
	{ about: "327.67 °C", topic, payload: uplink({ decoded_payload: { TempC_DS: 327.67 } }), expect: [{ device: ID, info: {} }] },
	{ about: "nothing but bytes that can't be read", topic, payload: uplink({ f_port: 85, frm_payload: "%%%%" }), expect: [{ device: ID, info: {} }] },
	{
		about: "a device joins",
		topic: topic.replace("/up", "/join"),
		payload: JSON.stringify({ end_device_ids: { device_id: ID }, join_accept: {} }),
		expect: [{ device: ID, status: "online" }],
	},
	{ about: "no object", topic, payload: "[1]", expect: [{ device: ID, refused: "wrong-shape" }] },
];
