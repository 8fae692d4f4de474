import type { Sample } from "./sample.ts";

const metric = (name: string, tags: object, fields: object, timestamp?: number) => ({ name, tags, fields, timestamp });

export const samples: readonly Sample[] = [
	{
		about: "a UPS behind NUT, in line protocol with ns",
		topic: "telegraf/edge7/upsd",
		payload:
			"upsd,serial=QX9,ups_name=row-a battery_charge_percent=96,load_percent=41.5,time_left_ns=1260000000000i,status_flags=80i 1790000000123456789",
		expect: [
			{
				device: "row-a",
				readings: {
					"upsd.battery_charge_percent": [96, "%"],
					"upsd.load_percent": [41.5, "%"],
					"upsd.time_left_ns": [1_260_000_000_000, "ns"],
					"upsd.status_flags": 80,
					"upsd.ups_state": "low-battery",
				},
				info: { serial: "QX9" },
				ts: 1_790_000_000_123,
			},
		],
	},
	{
		about: "two servers with a UPS of the same name: the serial number tells them apart",
		topic: "telegraf/edge7/upsd",
		payload: [
			"upsd,serial=QX9,ups_name=ups load_percent=41.5 1790000000000000000",
			"upsd,serial=QX7,ups_name=ups load_percent=12 1790000000000000000",
		].join("\n"),
		addresses: ["ups@QX9", "ups@QX7"],
		expect: [
			{ device: "ups@QX9", readings: { "upsd.load_percent": [41.5, "%"] }, info: { serial: "QX9" } },
			{ device: "ups@QX7", readings: { "upsd.load_percent": [12, "%"] }, info: { serial: "QX7" } },
		],
	},
	{
		about: "a state that is a tag",
		topic: "telegraf/edge7/apcupsd",
		payload: "apcupsd,host=edge7,model=Smart-X\\ 1500,status=ONBATT\\ LOWBATT,ups_name=cage input_voltage=0,status_flags=80i 1790000000000000000",
		expect: [
			{
				device: "cage",
				readings: {
					"apcupsd.input_voltage": [0, "V"],
					"apcupsd.status_flags": 80,
					"apcupsd.status": "ONBATT LOWBATT",
					"apcupsd.ups_state": "low-battery",
				},
				info: { model: "Smart-X 1500" },
			},
		],
	},
	{
		about: "rows of an SNMP table, two devices in a batch of JSON in seconds",
		topic: "telegraf/edge7/snmp",
		payload: JSON.stringify({
			metrics: [
				metric("pdu", { agent_host: "10.4.0.11", host: "edge7", outlet: "3" }, { power_watts: 120, current: 0.53, on: true }, 1_790_000_000),
				metric("pdu", { agent_host: "10.4.0.11", host: "edge7", outlet: "4", phaseIndex: "2" }, { power_watts: 0 }, 1_790_000_000),
				metric("pdu", { agent_host: "10.4.0.12", host: "edge7" }, { inlet_temperature: 24.5, humidity: 38 }, 1_790_000_000),
			],
		}),
		expect: [
			{
				device: "10.4.0.11",
				readings: {
					"pdu.power_watts[outlet=3]": [120, "W"],
					"pdu.current[outlet=3]": [0.53, "A"],
					"pdu.on[outlet=3]": true,
					"pdu.power_watts[outlet=4,phaseIndex=2]": [0, "W"],
				},
				ts: 1_790_000_000_000,
			},
			{ device: "10.4.0.12", readings: { "pdu.inlet_temperature": [24.5, "C"], "pdu.humidity": [38, "%"] }, ts: 1_790_000_000_000 },
		],
	},
	{
		about: "one metric of JSON in milliseconds",
		topic: "telegraf/edge7/snmp",
		payload: JSON.stringify(metric("ups", { source: "ups-b" }, { output_voltage: 231 }, 1_790_000_000_500)),
		expect: [{ device: "ups-b", readings: { "ups.output_voltage": [231, "V"] }, ts: 1_790_000_000_500 }],
	},
	{
		about: "escaped names and tags, quoted texts, every way to write a value",
		topic: "telegraf/edge7/custom",
		payload: 'room\\ probe\\,2,host=edge\\ 7,name=Intake\\=left temp=21.5,temp_f=70.7,ok=T,door=f,seen=7u,mode="auto \\"eco\\", on" 1790000000000',
		expect: [
			{
				device: "edge 7",
				readings: {
					"room probe,2.temp[name=Intake=left]": [21.5, "C"],
					"room probe,2.temp_f[name=Intake=left]": [70.7, "F"],
					"room probe,2.ok[name=Intake=left]": true,
					"room probe,2.door[name=Intake=left]": false,
					"room probe,2.seen[name=Intake=left]": 7,
					"room probe,2.mode[name=Intake=left]": 'auto "eco", on',
				},
				ts: 1_790_000_000_000,
			},
		],
	},
	{
		about: "no tags and no time: the topic names the device",
		topic: "telegraf/ups-c/ups",
		payload: 'ups battery.charge=88,battery.charge.low=20,battery.runtime=1800,ups.status="OL CHRG LB",input.voltage=nan',
		expect: [
			{
				device: "ups-c",
				readings: {
					"ups.battery.charge": [88, "%"],
					"ups.battery.charge.low": 20,
					"ups.battery.runtime": [1800, "s"],
					"ups.ups.status": "OL CHRG LB",
					"ups.ups_state": "online",
				},
				ts: null,
			},
		],
	},
	{
		about: "the unit of an IPMI sensor is a tag; without one the value measures nothing",
		topic: "telegraf/edge7/ipmi_sensor",
		payload: [
			"ipmi_sensor,server=10.4.1.2,name=inlet_temp,unit=degrees_c,status_desc=ok value=23 1790000000000000000",
			"ipmi_sensor,server=10.4.1.2,name=fan_2,unit=percent value=37.2 1790000000000000000",
			"ipmi_sensor,server=10.4.1.2,name=psus,entity_id=10.3,status_desc=redundancy_lost value=0 1790000000000000000",
			"",
		].join("\n"),
		expect: [
			{
				device: "10.4.1.2",
				readings: {
					"ipmi_sensor.value[name=inlet_temp]": [23, "C"],
					"ipmi_sensor.status_desc[name=inlet_temp]": "ok",
					"ipmi_sensor.value[name=fan_2]": [37.2, "%"],
					"ipmi_sensor.status_desc[name=psus,entity_id=10.3]": "redundancy_lost",
				},
			},
		],
	},
	{
		about: "a UPS that its daemon doesn't hear is in no state, and its zeros are no values",
		topic: "telegraf/edge7/apcupsd",
		payload:
			"apcupsd,host=edge7,status=COMMLOST,ups_name=cage battery_charge_percent=0,load_percent=0,time_left_ns=0i,status_flags=256i 1790000000000000000",
		expect: [{ device: "cage", readings: { "apcupsd.status_flags": 256, "apcupsd.status": "COMMLOST" } }],
	},
	{
		about: "a text over two lines; one that doesn't end is refused and keeps the others not back",
		topic: "telegraf/edge7/snmp",
		payload: [
			'snmp,source=sw1 descr="Switch OS',
			'Version 12",cpu_temp=41i 1790000000000000000',
			'snmp,source=sw2 descr="no end,cpu_temp=42i',
			"snmp,source=sw3 cpu_temp=43i 1790000000000000000",
		].join("\n"),
		expect: [
			{ device: "sw1", readings: { "snmp.descr": "Switch OS\nVersion 12", "snmp.cpu_temp": [41, "C"] } },
			{ device: "sw3", readings: { "snmp.cpu_temp": [43, "C"] } },
			{ device: "edge7", refused: "wrong-shape" },
		],
	},
	{
		about: "a disabled Redfish sensor has limits and no value",
		topic: "telegraf/edge7/redfish",
		payload: [
			"redfish_thermal_temperatures,source=srv9,name=CPU1,state=Enabled,health=OK reading_celsius=47,upper_threshold_fatal=95 1790000000000000000",
			"redfish_thermal_temperatures,source=srv9,name=CPU2,state=Absent reading_celsius=0,upper_threshold_fatal=95 1790000000000000000",
		].join("\n"),
		expect: [
			{
				device: "srv9",
				readings: {
					"redfish_thermal_temperatures.reading_celsius[name=CPU1]": [47, "C"],
					"redfish_thermal_temperatures.health[name=CPU1]": "OK",
				},
			},
		],
	},
	{
		about: "objects of a MIB in tenths: nobody can tell whether they were divided",
		topic: "telegraf/edge7/snmp",
		payload: "UPS-MIB,agent_host=10.4.0.20 upsBatteryVoltage=546i,upsEstimatedMinutesRemaining=31i,upsOutputPercentLoad=12i 1790000000000000000",
		expect: [
			{
				device: "10.4.0.20",
				readings: {
					"UPS-MIB.upsBatteryVoltage": 546,
					"UPS-MIB.upsEstimatedMinutesRemaining": [31, "min"],
					"UPS-MIB.upsOutputPercentLoad": [12, "%"],
				},
			},
		],
	},
	{
		about: "a line that is none keeps the others not back",
		topic: "telegraf/edge7/mixed",
		payload: "hello there\nroom,source=r1 temp=20 1790000000000000000",
		expect: [
			{ device: "r1", readings: { "room.temp": [20, "C"] } },
			{ device: "edge7", refused: "wrong-shape" },
		],
	},
	{
		about: "a metric without fields",
		topic: "telegraf/edge7/mixed",
		payload: '{"name":"room","tags":{}}',
		expect: [{ device: "edge7", refused: "wrong-shape" }],
	},
	{ about: "JSON that ends early", topic: "telegraf/edge7/mixed", payload: '{"metrics":[', expect: [{ device: "edge7", refused: "not-json" }] },
	{
		about: "a clock that was never set",
		topic: "telegraf/edge7/room",
		payload: "room,source=r1 temp=20 12",
		expect: [{ device: "r1", readings: { "room.temp": [20, "C"] }, ts: null, unusableClock: "since-boot" }],
	},
];
