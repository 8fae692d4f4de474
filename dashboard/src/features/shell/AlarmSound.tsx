import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Priority } from "../../../../contracts/kinds.ts";
import { type Mute, muteOf, SOUNDS, soundOf } from "../../live/alarm-sound.ts";
import { useLiveState, useNow } from "../../live/live-context.ts";
import { usePreference, usePreferencesStore } from "../../ui/preferences.ts";
import { useFormat } from "../../ui/site-context.ts";

const NOTE_S = 0.12;

/** Makes unacknowledged alarms heard. The button silences what there is now, for a time; held off altogether in the settings. */
export function AlarmSound() {
	const { t } = useTranslation();
	const format = useFormat();
	const now = useNow();
	const store = usePreferencesStore();
	const on = usePreference((preferences) => preferences.sound);
	const alarms = useLiveState((state) => state.alarms.front);
	const [mute, setMute] = useState<Mute | null>(null);
	const heard = on ? soundOf(alarms, mute, now) : null;
	const muted = on && mute !== null && now < mute.until;
	usePlayed(heard);
	const state = !on ? "off" : muted ? "muted" : heard ? "sounding" : "on";
	const text = state === "muted" && mute ? t("sound.muted", { until: format.time(mute.until) }) : t(`sound.${state === "muted" ? "on" : state}`);
	return (
		<button
			type="button"
			className={state === "sounding" ? "icon-button sound-button is-sounding" : "icon-button sound-button"}
			data-testid="alarm-sound"
			data-state={state}
			title={text}
			aria-label={text}
			onClick={() => {
				if (!on) {
					store.setState({ sound: true });
					setMute(null);
				} else if (heard) setMute(muteOf(alarms, now));
				else if (muted) setMute(null);
				else store.setState({ sound: false });
			}}
		>
			<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
				<path d="M8 1.5a4 4 0 0 0-4 4V9L2.5 11.5h11L12 9V5.5a4 4 0 0 0-4-4ZM6.5 13a1.5 1.5 0 0 0 3 0Z" className="sound-bell" />
				{(state === "off" || state === "muted") && <path d="M2 2 14 14" className="sound-slash" />}
			</svg>
		</button>
	);
}

/** Plays a priority's notes over and over. A browser that wants a click first stays silent until then. */
function usePlayed(priority: Priority | null): void {
	const context = useRef<AudioContext | null>(null);
	useEffect(() => {
		const sound = priority && SOUNDS[priority];
		if (!sound || typeof AudioContext === "undefined") return;
		const play = () => {
			context.current ??= new AudioContext();
			const audio = context.current;
			void audio.resume().catch(() => undefined);
			if (audio.state !== "running") return;
			for (let note = 0; note < sound.notes; note++) playNote(audio, sound.pitch, audio.currentTime + note * NOTE_S * 2);
		};
		play();
		const timer = setInterval(play, sound.every);
		return () => clearInterval(timer);
	}, [priority]);
	useEffect(() => () => void context.current?.close().catch(() => undefined), []);
}

function playNote(audio: AudioContext, pitch: number, at: number): void {
	const [tone, volume] = [audio.createOscillator(), audio.createGain()];
	tone.frequency.value = pitch;
	volume.gain.setValueAtTime(0, at);
	volume.gain.linearRampToValueAtTime(0.2, at + 0.01);
	volume.gain.setValueAtTime(0.2, at + NOTE_S - 0.02);
	volume.gain.linearRampToValueAtTime(0, at + NOTE_S);
	tone.connect(volume).connect(audio.destination);
	tone.start(at);
	tone.stop(at + NOTE_S);
}
