// SPDX-License-Identifier: Apache-2.0
// The page: takes a clip, has it vocoded, and shows both.

import { forServer, isMel, record } from "./sound.js";
import { drawDifference, drawSpectrogram, melError, parseNpy, range } from "./picture.js";

const RETRIES = 5;

const $ = (id) => document.getElementById(id);
const originalAudio = $("original-audio");
const resultAudio = $("result-audio");
let limits = { max_seconds: 60, max_bytes: Infinity };
let clip = null;
let shown = null;
/** What the server thinks of the clip, if anything. */
let doubt = "";
let working = false;
let stopRecording = null;

function say(text) {
  $("error").hidden = true;
  $("status").hidden = false;
  $("status").textContent = text;
}

function fail(error) {
  document.body.dataset.state = "error";
  $("status").hidden = true;
  $("error").hidden = false;
  $("error").textContent = error.message;
}

/** Sends bytes to the API; when the server is full, comes back as it asks to. */
async function post(path, bytes, parameters = {}) {
  const query = new URLSearchParams({ voice: $("voice").value, device: $("device").value, ...parameters });
  for (let attempt = 0; ; attempt++) {
    let response;
    try {
      response = await fetch(`${path}?${query}`, { method: "POST", body: bytes });
    } catch {
      throw new Error("The server cannot be reached, or broke off the connection.");
    }
    if (response.ok) {
      doubt = response.headers.get("X-Aulos-Note") ?? doubt;
      return response.arrayBuffer();
    }
    if (response.status !== 503 || attempt === RETRIES) {
      const problem = await response.json().catch(() => ({ error: `status ${response.status}` }));
      throw new Error(`The server says: ${problem.error}.`);
    }
    say("The server is busy, waiting for a place …");
    await new Promise((resolve) => setTimeout(resolve, 1000 * Number(response.headers.get("Retry-After") ?? 2)));
  }
}

function url(bytes, type, old) {
  if (old) {
    URL.revokeObjectURL(old);
  }
  return URL.createObjectURL(new Blob([bytes], { type }));
}

/** Takes a new clip. */
async function take(bytes, name, type) {
  if (bytes.byteLength > limits.max_bytes) {
    throw new Error(`${name} has ${(bytes.byteLength / 1048576).toFixed(0)} MiB, the most that is taken is `
      + `${(limits.max_bytes / 1048576).toFixed(0)}.`);
  }
  clip = { name, mel: isMel(bytes), bytes: await forServer(bytes), original: bytes, type };
  await vocode();
}

async function vocode() {
  say(`Vocoding ${clip.name} …`);
  const start = performance.now();
  doubt = "";
  const [result, originalMel] = await Promise.all(
    [post("/api/vocode", clip.bytes), clip.mel ? clip.bytes : post("/api/mel", clip.bytes)]);
  const elapsed = (performance.now() - start) / 1000;
  const original = parseNpy(originalMel);
  const resynthesis = parseNpy(await post("/api/mel", result));
  const samples = (result.byteLength - 44) / 2;
  const seconds = samples / new DataView(result).getUint32(24, true);
  // Of sounds it is what 'aulos eval' and 'aulos demo' measure.
  const error = clip.mel ? melError(original, resynthesis) : melError(
    parseNpy(await post("/api/mel", clip.bytes, { fmax: "loss", samples })),
    parseNpy(await post("/api/mel", result, { fmax: "loss" })));
  shown = { original, resynthesis, seconds };

  originalAudio.hidden = clip.mel;
  $("silent").hidden = !clip.mel;
  originalAudio.src = clip.mel ? "" : url(clip.original, clip.type, originalAudio.src);
  resultAudio.src = url(result, "audio/wav", resultAudio.src);
  $("save").href = resultAudio.src;
  $("save").download = `${clip.name.replace(/\.[^.]*$/, "")}_generated.wav`;
  $("switch").hidden = clip.mel;
  $("facts").textContent = `${seconds.toFixed(1)} s of audio, answered in ${elapsed.toFixed(2)} s. `
    + `Mel error ${error.toFixed(3)} (0 is a perfect copy).` + (doubt ? ` Note: ${doubt}.` : "");
  $("results").hidden = false;
  $("again").disabled = false;
  paint();
  say(`${clip.name}: done.`);
  document.body.dataset.state = "done";
}

function paint() {
  if (shown) {
    const scale = range(shown.original);
    drawSpectrogram($("original-mel"), shown.original, scale, shown.seconds);
    drawSpectrogram($("result-mel"), shown.resynthesis, scale, shown.seconds);
    drawDifference($("difference"), shown.original, shown.resynthesis, shown.seconds);
  }
}

/** Runs one piece of work at a time, and shows what goes wrong. */
async function run(work) {
  if (working) {
    return;
  }
  working = true;
  document.body.dataset.state = "working";
  try {
    await work();
  } catch (error) {
    fail(error);
  } finally {
    working = false;
  }
}

function takeFile(file) {
  run(async () => take(await file.arrayBuffer(), file.name, file.type));
}

$("file").addEventListener("change", (event) => {
  if (event.target.files.length) {
    takeFile(event.target.files[0]);
    event.target.value = "";
  }
});

const drop = $("drop");
// Anywhere: a file dropped beside the field would otherwise replace the page.
window.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
window.addEventListener("dragleave", (event) => event.relatedTarget || drop.classList.remove("over"));
window.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (event.dataTransfer.files.length) {
    takeFile(event.dataTransfer.files[0]);
  }
});

$("example").addEventListener("click", () => run(async () => {
  const response = await fetch("/example.flac");
  await take(await response.arrayBuffer(), "example.flac", "audio/flac");
}));

$("record").addEventListener("click", () => {
  if (stopRecording) {
    stopRecording();
    return;
  }
  run(async () => {
    const button = $("record");
    let bytes;
    try {
      bytes = await record(limits.max_seconds - 1, (stop) => {
        stopRecording = stop;
        button.textContent = "Stop";
        button.setAttribute("aria-pressed", "true");
        say("Recording …");
      });
    } catch (error) {
      throw new Error(`Cannot record: ${error.message}`);
    } finally {
      stopRecording = null;
      button.textContent = "Record";
      button.setAttribute("aria-pressed", "false");
    }
    // As WAV from here on: recorders leave the length out of their own format, and the player needs it.
    await take(await forServer(bytes), "recording.wav", "audio/wav");
  });
});

$("again").addEventListener("click", () => run(vocode));
["voice", "device"].forEach((id) => $(id).addEventListener("change", () => clip && run(vocode)));

$("switch").addEventListener("click", () => {
  const [from, to] = resultAudio.paused ? [originalAudio, resultAudio] : [resultAudio, originalAudio];
  to.currentTime = from.paused ? 0 : from.currentTime;
  from.pause();
  to.play();
});

[originalAudio, resultAudio].forEach((audio, i, both) => {
  const heads = [[...document.querySelectorAll(".playhead")][i], document.querySelector("#difference + .playhead")];
  const follow = () => {
    heads.forEach((head) => {
      head.style.left = `${(100 * audio.currentTime) / (shown?.seconds || 1)}%`;
      head.style.opacity = 1;
    });
    if (!audio.paused) {
      requestAnimationFrame(follow);
    }
  };
  audio.addEventListener("play", () => {
    both[1 - i].pause();
    follow();
  });
  audio.addEventListener("seeked", follow);
});

document.querySelectorAll(".plot canvas").forEach((canvas) => canvas.addEventListener("click", (event) => {
  const audio = canvas.id === "original-mel" && !clip.mel ? originalAudio : resultAudio;
  audio.currentTime = (event.offsetX / canvas.clientWidth) * shown.seconds;
  audio.play();
}));

window.addEventListener("resize", paint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

function fill(select, names) {
  select.replaceChildren(...names.map((name) => new Option(name, name)));
  select.disabled = names.length < 2;
}

run(async () => {
  $("origin").textContent = location.origin;
  const response = await fetch("/api/info");
  limits = await response.json();
  fill($("voice"), limits.voices);
  fill($("device"), limits.devices);
  $("record").hidden = !navigator.mediaDevices || typeof MediaRecorder === "undefined";
  $("hint").textContent = `WAV, FLAC, anything this browser can play, or a log-mel .npy; `
    + `up to ${limits.max_seconds} s. Speech works best. Nothing is kept.`;
  document.body.dataset.state = "idle";
});
