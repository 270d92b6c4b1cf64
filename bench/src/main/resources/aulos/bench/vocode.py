# SPDX-License-Identifier: Apache-2.0
"""The least program that vocodes with PyTorch. Arguments: a file of torch.save with config, generator (folded) and mel;
the number of threads; cpu; the WAV to write."""

import json
import sys
import wave

import train_step
from train_step import START, THREADS, torch

# Folded weights have no norms to divide by.
train_step.weight_norm = lambda module: module
torch.set_num_threads(THREADS)
start = torch.load(START)
config = json.loads(start["config"])
generator = train_step.Generator(config)
generator.load_state_dict(start["generator"])
generator.eval()
with torch.inference_mode():
    audio = generator(start["mel"]).flatten()
with wave.open(sys.argv[4], "wb") as wav:
    wav.setnchannels(1)
    wav.setsampwidth(2)
    wav.setframerate(config["sampling_rate"])
    wav.writeframes((audio * 32767).round().short().numpy().tobytes())
