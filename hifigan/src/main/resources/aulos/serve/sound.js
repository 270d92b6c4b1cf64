// SPDX-License-Identifier: Apache-2.0
// What a browser can record or play, as something the server can read.

const READ_BY_SERVER = ["RIFF", "fLaC", "\u0093NUM"];

/** Whether the bytes are those of a .npy file. */
export function isMel(bytes) {
  return startOf(bytes) === "\u0093NUM";
}

function startOf(bytes) {
  return String.fromCharCode(...new Uint8Array(bytes, 0, Math.min(4, bytes.byteLength)));
}

/** The bytes to send for a file: its own, or where the server would not know them, a WAV of what the browser hears. */
export async function forServer(bytes) {
  if (READ_BY_SERVER.includes(startOf(bytes))) {
    return bytes;
  }
  let sound;
  try {
    // Decoding takes the array away, so it gets a copy; the context is there for nothing else.
    sound = await new OfflineAudioContext(1, 1, 44100).decodeAudioData(bytes.slice(0));
  } catch {
    throw new Error("This browser cannot decode that file. WAV and FLAC always work.");
  }
  return wav(mono(sound), sound.sampleRate);
}

function mono(sound) {
  const mix = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++) {
    const samples = sound.getChannelData(channel);
    for (let i = 0; i < mix.length; i++) {
      mix[i] += samples[i] / sound.numberOfChannels;
    }
  }
  return mix;
}

/** 16-bit PCM. */
function wav(samples, rate) {
  const bytes = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at, value) => [...value].forEach((c, i) => bytes.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF");
  bytes.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, 2 * rate, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, "data");
  bytes.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, i) => {
    bytes.setInt16(44 + 2 * i, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true);
  });
  return bytes.buffer;
}

/** Records the microphone until stopped, or for so many seconds; resolves with the bytes that the browser encoded. */
export async function record(maxSeconds, onStart) {
  // Calls are cleaned of what is not speech; here it should stay as it is.
  const stream = await navigator.mediaDevices.getUserMedia(
    { audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
  try {
    const recorder = new MediaRecorder(stream);
    const parts = [];
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    const stopped = new Promise((resolve) => recorder.addEventListener("stop", resolve));
    recorder.start();
    const timer = setTimeout(() => recorder.stop(), maxSeconds * 1000);
    onStart(() => recorder.state === "inactive" || recorder.stop());
    await stopped;
    clearTimeout(timer);
    return await new Blob(parts).arrayBuffer();
  } finally {
    stream.getTracks().forEach((track) => track.stop());
  }
}
