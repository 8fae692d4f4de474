import type { Sample } from "./sample.ts";

const CARD = { type: "access", seq: null, door: null, direction: null, method: "card", result: "denied", reason: "denied-no-decision" } as const;

export const samples: readonly Sample[] = [
	{ about: "the last will", topic: "tele/rack-7/LWT", payload: "Offline", expect: [{ device: "rack-7", status: "offline" }] },
	{
		about: "a last will in words of its own",
		topic: "tele/rack-7/LWT",
		payload: "gone fishing",
		expect: [{ device: "rack-7", refused: "wrong-type" }],
	},
	{
		about: "a climate sensor in °F and mmHg; its time has no zone",
		topic: "tele/rack-7/SENSOR",
		payload:
			'{"Time":"2026-10-30T12:00:00","BME280":{"Temperature":72.5,"Humidity":41.0,"DewPoint":47.6,"Pressure":751.2},"PressureUnit":"mmHg","TempUnit":"F"}',
		expect: [
			{
				device: "rack-7",
				readings: {
					"BME280.Temperature": [72.5, "F"],
					"BME280.Humidity": [41, "%"],
					"BME280.DewPoint": [47.6, "F"],
					"BME280.Pressure": [751.2, "mmHg"],
				},
				ts: null,
				unusableClock: "no-zone",
			},
		],
	},
	{
		about: "probes by their Id, whatever their number is today; one that isn't there is no value",
		topic: "tele/row-b/SENSOR",
		payload:
			'{"Time":"2026-10-30T12:00:00+01:00","DS18B20-1":{"Id":"0A11","Temperature":19.5},"DS18B20-2":{"Id":"0B22","Temperature":nan},"TempUnit":"C"}',
		expect: [{ device: "row-b", readings: { "DS18B20:0A11.Temperature": [19.5, "C"] }, ts: Date.UTC(2026, 9, 30, 11) }],
	},
	{
		about: "probes by their Id, numbered with another separator; -127 °C of one that is gone is no value",
		topic: "tele/row-b/SENSOR",
		payload: '{"DS18B20_1":{"Id":"0A11","Temperature":19.5},"DS18B20_2":{"Id":"0B22","Temperature":-127.0},"TempUnit":"C"}',
		expect: [{ device: "row-b", readings: { "DS18B20:0A11.Temperature": [19.5, "C"] } }],
	},
	{
		about: "probes as old firmware nests them",
		topic: "tele/row-b/SENSOR",
		payload:
			'{"DS18x20":{"DS1":{"Type":"DS18B20","Address":"28FFAA01","Temperature":0.0},"DS2":{"Type":"DS18B20","Address":"28FFAA02","Temperature":null}}}',
		expect: [{ device: "row-b", readings: { "DS18B20:28FFAA01.Temperature": [0, "C"] } }],
	},
	{
		about: "energy of one phase",
		topic: "tele/pow-3/SENSOR",
		payload:
			'{"ENERGY":{"TotalStartTime":"2026-01-01T00:00:00","Total":12.5,"Today":0.75,"Period":3,"Power":410,"ApparentPower":433,"Factor":0.95,"Voltage":231,"Current":1.874}}',
		expect: [
			{
				device: "pow-3",
				readings: {
					"ENERGY.Total": [12.5, "kWh"],
					"ENERGY.Today": [0.75, "kWh"],
					"ENERGY.Period": [3, "Wh"],
					"ENERGY.Power": [410, "W"],
					"ENERGY.ApparentPower": [433, "VA"],
					"ENERGY.Factor": [0.95, "1"],
					"ENERGY.Voltage": [231, "V"],
					"ENERGY.Current": [1.874, "A"],
				},
			},
		],
	},
	{
		about: "energy of several phases, in arrays and objects",
		topic: "tele/pow-3/SENSOR",
		payload: '{"ENERGY":{"Total":{"Phase1":1.5,"Phase2":2.5},"Power":[120,-4,null],"Voltage":[230,nan,229]}}',
		expect: [
			{
				device: "pow-3",
				readings: {
					"ENERGY.Total.Phase1": [1.5, "kWh"],
					"ENERGY.Total.Phase2": [2.5, "kWh"],
					"ENERGY.Power.1": [120, "W"],
					"ENERGY.Power.2": [-4, "W"],
					"ENERGY.Voltage.1": [230, "V"],
					"ENERGY.Voltage.3": [229, "V"],
				},
			},
		],
	},
	{
		about: "energy on a topic of its own",
		topic: "tele/pow-3/ENERGY",
		payload: '{"Time":"2026-10-30T12:00:00Z","Power":7,"Voltage":230}',
		expect: [{ device: "pow-3", readings: { "ENERGY.Power": [7, "W"], "ENERGY.Voltage": [230, "V"] }, ts: Date.UTC(2026, 9, 30, 12) }],
	},
	{
		about: "values without a sensor's name, an input and an analogue one",
		topic: "tele/room/SENSOR",
		payload: '{"Temperature":20.5,"Noise":33,"Switch1":"ON","Switch2":"OFF","ANALOG":{"Temperature1":18,"A0":512}}',
		expect: [
			{
				device: "room",
				readings: {
					Temperature: [20.5, "C"],
					Noise: 33,
					Switch1: true,
					Switch2: false,
					"ANALOG.Temperature1": [18, "C"],
					"ANALOG.A0": 512,
				},
			},
		],
	},
	{
		about: "the prefix last, and an answer to a question about sensors",
		topic: "hall/fan/stat/STATUS10",
		payload: '{"StatusSNS":{"SI7021":{"Temperature":24.5}}}',
		expect: [{ device: "hall/fan", readings: { "SI7021.Temperature": [24.5, "C"] } }],
	},
	{
		about: "a FullTopic of the site's own",
		base: "plant/%prefix%/%topic%/",
		topic: "plant/tele/row c/unit 2/SENSOR",
		payload: '{"AM2301":{"Humidity":40}}',
		expect: [{ device: "row c/unit 2", readings: { "AM2301.Humidity": [40, "%"] } }],
	},
	{
		about: "another site's FullTopic",
		base: "plant/%prefix%/%topic%/",
		topic: "tele/row-c/SENSOR",
		payload: '{"AM2301":{"Humidity":40}}',
		expect: null,
	},
	{
		about: "relays, with Wi-Fi for who puts it into the site file",
		topic: "tele/strip/STATE",
		payload: '{"Time":"2026-10-30T12:00:00","Uptime":"1T02:00:00","Vcc":3.2,"POWER1":"ON","POWER2":"OFF","Wifi":{"RSSI":70,"Signal":-65}}',
		expect: [
			{
				device: "strip",
				readings: { POWER1: true, POWER2: false },
				unusableClock: "no-zone",
				info: { uptime: "1T02:00:00", vcc: "3.2 V", wifiRssi: "70 %", wifiSignal: "-65 dBm" },
			},
		],
	},
	{ about: "a relay that is switched", topic: "stat/strip/POWER2", payload: "ON", expect: [{ device: "strip", readings: { POWER2: true } }] },
	{ about: "an answer to a command is no measurement", topic: "stat/strip/RESULT", payload: '{"TelePeriod":300}', expect: [] },
	{
		about: "a card at an RC522, its leading zeros lost or not",
		topic: "tele/door-4/SENSOR",
		payload: '{"Time":"2026-10-30T12:00:00Z","RC522":{"UID":"04A1B2C3","Data":"","Type":"MIFARE 1KB"}}',
		expect: [
			{
				device: "door-4",
				events: [{ ...CARD, card: { format: "UID", facility: 0, number: 0x4a1b2c3 }, key: "0-77705923@2026-10-30T12:00:00Z" }],
				ts: Date.UTC(2026, 9, 30, 12),
			},
		],
	},
	{
		about: "a card of seven bytes at a PN532",
		topic: "tele/door-4/SENSOR",
		payload: '{"PN532":{"UID":"04112233445566","Auth":"NOk"}}',
		expect: [{ device: "door-4", events: [{ ...CARD, card: { format: "UID", facility: 0x04, number: 0x112233445566 } }] }],
	},
	...[4, 8].map((size) => ({
		about: `a key of a keypad, ${size} bits: a PIN is no card`,
		topic: "tele/reader-1/SENSOR",
		payload: `{"Wiegand":{"UID":1234,"Size":${size}}}`,
		expect: [{ device: "reader-1" }],
	})),
	{
		about: "a Wiegand number in hexadecimal digits",
		topic: "tele/reader-1/SENSOR",
		payload: '{"Wiegand":{"UID":"4302C8h","Size":26}}',
		expect: [{ device: "reader-1", events: [{ ...CARD, card: { format: "UID", facility: 0, number: 0x4302c8 } }] }],
	},
	{
		about: "a Wiegand number above 2^32",
		topic: "tele/door-4/SENSOR",
		payload: '{"Wiegand":{"UID":8589934597,"Size":37}}',
		expect: [{ device: "door-4", events: [{ ...CARD, card: { format: "UID", facility: 0, number: 8_589_934_597 } }] }],
	},
	{
		about: "a number that no longer is the card's",
		topic: "tele/door-4/SENSOR",
		payload: '{"Wiegand":{"UID":18446744073709551614,"Size":64}}',
		expect: [{ device: "door-4" }, { device: "door-4", refused: "wrong-type" }],
	},
	{
		about: "a reader on the serial bridge",
		topic: "tele/door-5/RESULT",
		payload: '{"SSerialReceived":"0900AABBCC11"}',
		expect: [{ device: "door-5", events: [{ ...CARD, card: { format: "UID", facility: 0, number: 0x00aabbcc } }] }],
	},
	{
		about: "devices behind its Zigbee bridge",
		topic: "tele/zb/SENSOR",
		payload: '{"ZbReceived":{"0x1A2B":{"Device":"0x1A2B","Name":"cage","Contact":1,"BatteryPercentage":80,"Endpoint":1,"LinkQuality":90}}}',
		expect: [{ device: "zb" }, { device: "cage", readings: { Contact: true, BatteryPercentage: [80, "%"] }, info: { shortAddress: "0x1A2B" } }],
	},
	{
		about: "a device that its bridge doesn't reach; what it remembers of it is old",
		topic: "tele/zb/SENSOR",
		payload: '{"ZbInfo":{"0x1A2B":{"Device":"0x1A2B","Power":0,"Reachable":false,"LastSeen":90000}}}',
		expect: [{ device: "zb" }, { device: "0x1A2B", status: "offline" }],
	},
	{
		about: "it introduces itself",
		topic: "tasmota/discovery/AABBCC001122/config",
		payload:
			'{"ip":"10.0.0.9","dn":"Pump","hn":"pump-1122","mac":"AABBCC001122","md":"Sonoff Basic","sw":"13.1.0","t":"pump","tp":["cmnd","stat","tele"]}',
		expect: [
			{ device: "pump", info: { module: "Sonoff Basic", version: "13.1.0", name: "Pump", host: "pump-1122", ip: "10.0.0.9", mac: "AABBCC001122" } },
		],
	},
	{ about: "no JSON", topic: "tele/rack-7/SENSOR", payload: '{"BME280":{"Temp', expect: [{ device: "rack-7", refused: "not-json" }] },
	{ about: "a topic of something else", topic: "other/rack-7/SENSOR", payload: "{}", expect: null },
];
