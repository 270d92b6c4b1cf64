// SPDX-License-Identifier: Apache-2.0
// Spectrograms on canvases.

const VIRIDIS = [[68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 144, 140], [39, 173, 129],
  [93, 200, 99], [170, 220, 50], [253, 231, 37]];
const AXIS = 22;
/** Log-mels that differ by so much get the strongest colour: a factor of e² or 17 dB. */
const STRONGEST = 2;

/** A .npy file of float32 or float64 [mels, frames] or [1, mels, frames], in C order. */
export function parseNpy(buffer) {
  const view = new DataView(buffer);
  const long = view.getUint8(6) > 1;
  const start = long ? 12 : 10;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder("latin1").decode(new Uint8Array(buffer, start, length));
  const shape = /'shape': \(([^)]*)\)/.exec(header)?.[1].split(",").filter((dim) => dim.trim()).map(Number);
  const type = /'descr': '<(f[48])'/.exec(header)?.[1];
  if (!type || !(shape?.length === 2 || (shape?.length === 3 && shape[0] === 1)) || header.includes("True")) {
    throw new Error("That .npy file is no mel spectrogram that can be shown: expected float32 [mels, frames].");
  }
  const [mels, frames] = shape.slice(-2);
  const data = buffer.slice(start + length);
  const values = type === "f4" ? new Float32Array(data) : Float32Array.from(new Float64Array(data));
  if (values.length !== mels * frames) {
    throw new Error("That .npy file is damaged: its length is not that of its shape.");
  }
  return { mels, frames, values };
}

/** Least and greatest value, for several pictures on the same scale. */
export function range(mel) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of mel.values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high: Math.max(high, low + 1e-6) };
}

export function drawSpectrogram(canvas, mel, { low, high }, seconds) {
  draw(canvas, mel, seconds, (i) => mix(VIRIDIS, (mel.values[i] - low) / (high - low)));
}

export function drawDifference(canvas, original, result, seconds) {
  const style = getComputedStyle(canvas);
  const colours = ["--quieter", "--same", "--louder"].map((name) => rgb(style.getPropertyValue(name)));
  draw(canvas, original, seconds,
    (i) => mix(colours, (result.values[i] - original.values[i]) / (2 * STRONGEST) + 0.5));
}

/** Mean absolute difference. */
export function melError(original, result) {
  let sum = 0;
  original.values.forEach((value, i) => { sum += Math.abs(value - result.values[i]); });
  return sum / original.values.length;
}

function rgb(hex) {
  const value = parseInt(hex.trim().slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Between neighbours of a list of colours, for a level from 0 to 1. */
function mix(colours, level) {
  const place = Math.max(0, Math.min(1, level)) * (colours.length - 1);
  const below = Math.min(Math.floor(place), colours.length - 2);
  const share = place - below;
  return colours[below].map((from, c) => from + share * (colours[below + 1][c] - from));
}

/** One cell per value, low frequencies at the bottom, stretched over the canvas; beneath it the time. */
function draw(canvas, { mels, frames }, seconds, colour) {
  const scale = window.devicePixelRatio || 1;
  const width = Math.max(1, canvas.clientWidth);
  const height = Math.max(AXIS + 1, canvas.clientHeight);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const cells = document.createElement("canvas");
  cells.width = frames;
  cells.height = mels;
  const pixels = cells.getContext("2d").createImageData(frames, mels);
  for (let band = 0; band < mels; band++) {
    for (let frame = 0; frame < frames; frame++) {
      const at = 4 * ((mels - 1 - band) * frames + frame);
      const [r, g, b] = colour(band * frames + frame);
      pixels.data[at] = r;
      pixels.data[at + 1] = g;
      pixels.data[at + 2] = b;
      pixels.data[at + 3] = 255;
    }
  }
  cells.getContext("2d").putImageData(pixels, 0, 0);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.imageSmoothingEnabled = frames > width;
  context.drawImage(cells, 0, 0, width, height - AXIS);
  axis(context, getComputedStyle(canvas), width, height, seconds);
}

function axis(context, style, width, height, seconds) {
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 300].find((s) => (width * s) / seconds >= 56) ?? 600;
  context.fillStyle = style.getPropertyValue("--faint");
  context.font = `12px ${style.fontFamily}`;
  context.textBaseline = "bottom";
  for (let k = 0; k * step <= seconds; k++) {
    const x = (k * step * width) / seconds;
    const label = `${(k * step).toFixed(step < 1 ? 1 : 0)} s`;
    context.fillRect(Math.min(x, width - 1), height - AXIS + 2, 1, 4);
    const wide = context.measureText(label).width;
    context.fillText(label, Math.max(0, Math.min(x - (k ? wide / 2 : 0), width - wide)), height);
  }
}
