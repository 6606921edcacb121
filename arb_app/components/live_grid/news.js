// New rows made known to who looks elsewhere: a short tone, and how many in the title of the tab.
import { useEffect, useRef } from "react";

const REST_MS = 1_500;
let sound = null;
let soundedMs = 0;

// A browser lets a page sound only once its reader has touched it.
export const tune = () => {
  sound ??= new AudioContext();
  sound.resume();
};

const beep = () => {
  if (sound?.state !== "running" || Date.now() - soundedMs < REST_MS) return;
  soundedMs = Date.now();
  [660, 880].forEach((pitch, place) => {
    const [tone, loud, at] = [sound.createOscillator(), sound.createGain(), sound.currentTime + place * 0.12];
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.08, at);
    loud.gain.exponentialRampToValueAtTime(0.001, at + 0.2);
    tone.connect(loud).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.2);
  });
};

const mark = (many) => {
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = many ? `(${many}) ${title}` : title;
};

// `rows` are those of the page, `shown` those of them that the view shows.
export const useNews = (rows, shown, options) => {
  const known = useRef(new Set());
  const unseen = useRef(0);
  useEffect(() => {
    const there = new Set(shown.map(({ row }) => row.id));
    const news = rows.filter((one) => one.fresh && !one.gone && !known.current.has(one.row.id) && there.has(one.row.id)).length;
    known.current = new Set(rows.map(({ row }) => row.id));
    if (news > 0 && options.sound) beep();
    if (news > 0 && options.badge && document.hidden) mark((unseen.current += news));
  }, [rows]);
  useEffect(() => {
    const seen = () => document.hidden || ((unseen.current = 0), mark(0));
    document.addEventListener("visibilitychange", seen);
    return () => (document.removeEventListener("visibilitychange", seen), mark(0));
  }, []);
  useEffect(() => {
    if (!options.sound) return;
    addEventListener("pointerdown", tune, { once: true });
    addEventListener("keydown", tune, { once: true });
    return () => (removeEventListener("pointerdown", tune), removeEventListener("keydown", tune));
  }, [options.sound]);
};
