# SPDX-License-Identifier: Apache-2.0
"""HiFi-GAN's training step in PyTorch, for a comparison of speed: the networks, losses and order of the official code.

Arguments: a file of torch.save with config, width_divisor, generator, mpd, msd, mel and audio; the number of threads; cpu,
cuda, cuda-tf32 or cuda-bf16, the last three with -graph for a synthesis as a CUDA graph. Prints a line of JSON when ready, then one for each line that it reads: for "step" the seconds and losses
of a training step, for "synthesise" the seconds of the generator alone and what tells its audio from another. Ends with its
input.
"""

import json
import math
import os
import sys
import time

START, THREADS, WHERE = sys.argv[1], int(sys.argv[2]), sys.argv[3]
# Before the import: each library below PyTorch looks at its own.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = str(THREADS)

try:
    import torch
except (ImportError, OSError) as error:
    print(json.dumps({"unavailable": str(error)}), flush=True)
    sys.exit(0)

from torch import nn
from torch.nn import functional as F
from torch.nn.utils import remove_weight_norm, spectral_norm, weight_norm

CUDA = WHERE != "cpu"
if CUDA and not torch.cuda.is_available():
    print(json.dumps({"unavailable": "PyTorch " + torch.__version__ + " finds no CUDA device"}), flush=True)
    sys.exit(0)
torch.backends.cudnn.benchmark = True
torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = "tf32" in WHERE
BF16, GRAPH = "bf16" in WHERE, WHERE.endswith("-graph")
DEVICE = torch.device("cuda" if CUDA else "cpu")

SLOPE = 0.1
PERIODS = (2, 3, 5, 7, 11)
# Channels out, kernel, stride, groups.
SCALE_ROWS = (
    (128, 15, 1, 1),
    (128, 41, 2, 4),
    (256, 41, 2, 16),
    (512, 41, 4, 16),
    (1024, 41, 4, 16),
    (1024, 41, 1, 16),
    (1024, 5, 1, 1),
)


def same(channels, kernel, dilation):
    return weight_norm(nn.Conv1d(channels, channels, kernel, dilation=dilation, padding=dilation * (kernel - 1) // 2))


class ResBlock1(nn.Module):
    def __init__(self, channels, kernel, dilations):
        super().__init__()
        self.convs1 = nn.ModuleList(same(channels, kernel, dilation) for dilation in dilations)
        self.convs2 = nn.ModuleList(same(channels, kernel, 1) for _ in dilations)

    def forward(self, x):
        for dilated, plain in zip(self.convs1, self.convs2):
            x = x + plain(F.leaky_relu(dilated(F.leaky_relu(x, SLOPE)), SLOPE))
        return x


class ResBlock2(nn.Module):
    def __init__(self, channels, kernel, dilations):
        super().__init__()
        self.convs = nn.ModuleList(same(channels, kernel, dilation) for dilation in dilations)

    def forward(self, x):
        for conv in self.convs:
            x = x + conv(F.leaky_relu(x, SLOPE))
        return x


class Generator(nn.Module):
    def __init__(self, config):
        super().__init__()
        channels = config["upsample_initial_channel"]
        block = ResBlock1 if config["resblock"] == "1" else ResBlock2
        self.blocks = len(config["resblock_kernel_sizes"])
        self.conv_pre = weight_norm(nn.Conv1d(config["num_mels"], channels, 7, padding=3))
        self.ups = nn.ModuleList()
        self.resblocks = nn.ModuleList()
        for rate, kernel in zip(config["upsample_rates"], config["upsample_kernel_sizes"]):
            up = nn.ConvTranspose1d(channels, channels // 2, kernel, rate, padding=(kernel - rate) // 2)
            self.ups.append(weight_norm(up))
            channels //= 2
            for size, dilations in zip(config["resblock_kernel_sizes"], config["resblock_dilation_sizes"]):
                self.resblocks.append(block(channels, size, dilations))
        self.conv_post = weight_norm(nn.Conv1d(channels, 1, 7, padding=3))

    def forward(self, mel):
        x = self.conv_pre(mel)
        for i, up in enumerate(self.ups):
            x = up(F.leaky_relu(x, SLOPE))
            total = 0
            for block in self.resblocks[i * self.blocks : (i + 1) * self.blocks]:
                total = total + block(x)
            x = total / self.blocks
        # The official code leaves this slope at PyTorch's default, 0.01.
        return torch.tanh(self.conv_post(F.leaky_relu(x)))


class Stack(nn.Module):
    """Convolutions whose activations are all feature maps; the last has no activation and is the score."""

    def features(self, x):
        maps = []
        for conv in self.convs:
            x = F.leaky_relu(conv(x), SLOPE)
            maps.append(x)
        maps.append(self.conv_post(x))
        return maps


class PeriodDiscriminator(Stack):
    def __init__(self, period, divisor):
        super().__init__()
        self.period = period
        self.convs = nn.ModuleList()
        channels = 1
        for out, stride in ((32, 3), (128, 3), (512, 3), (1024, 3), (1024, 1)):
            conv = nn.Conv2d(channels, out // divisor, (5, 1), (stride, 1), padding=(2, 0))
            self.convs.append(weight_norm(conv))
            channels = out // divisor
        self.conv_post = weight_norm(nn.Conv2d(channels, 1, (3, 1), padding=(1, 0)))

    def forward(self, audio):
        rest = audio.shape[-1] % self.period
        if rest:
            audio = F.pad(audio, (0, self.period - rest), "reflect")
        batch, channels, length = audio.shape
        return self.features(audio.view(batch, channels, length // self.period, self.period))


class ScaleDiscriminator(Stack):
    def __init__(self, norm, divisor):
        super().__init__()
        self.convs = nn.ModuleList()
        channels = 1
        for out, kernel, stride, groups in SCALE_ROWS:
            conv = nn.Conv1d(channels, out // divisor, kernel, stride, groups=groups, padding=kernel // 2)
            self.convs.append(norm(conv))
            channels = out // divisor
        self.conv_post = norm(nn.Conv1d(channels, 1, 3, padding=1))

    def forward(self, audio):
        return self.features(audio)


class MultiPeriodDiscriminator(nn.Module):
    def __init__(self, divisor):
        super().__init__()
        self.discriminators = nn.ModuleList(PeriodDiscriminator(period, divisor) for period in PERIODS)

    def forward(self, real, fake):
        return [(judge(real), judge(fake)) for judge in self.discriminators]


class MultiScaleDiscriminator(nn.Module):
    def __init__(self, divisor):
        super().__init__()
        norms = (spectral_norm, weight_norm, weight_norm)
        self.discriminators = nn.ModuleList(ScaleDiscriminator(norm, divisor) for norm in norms)
        self.pool = nn.AvgPool1d(4, 2, padding=2)

    def forward(self, real, fake):
        judgements = []
        for i, judge in enumerate(self.discriminators):
            if i > 0:
                real, fake = self.pool(real), self.pool(fake)
            judgements.append((judge(real), judge(fake)))
        return judgements


def slaney_filters(config, fmax):
    """Triangles between neighbouring points of the Slaney mel scale, each with area 1: [mels, bins]."""

    def mel(hertz):
        return 3 * hertz / 200 if hertz < 1000 else 15 + 27 * math.log(hertz / 1000) / math.log(6.4)

    def hertz(mels):
        return 200 * mels / 3 if mels < 15 else 1000 * math.exp((mels - 15) * math.log(6.4) / 27)

    count, size = config["num_mels"], config["n_fft"]
    low, high = mel(config["fmin"]), mel(fmax)
    edges = [hertz(low + (high - low) * i / (count + 1)) for i in range(count + 2)]
    bins = torch.arange(size // 2 + 1, dtype=torch.float64) * config["sampling_rate"] / size
    rows = []
    for left, middle, right in zip(edges, edges[1:], edges[2:]):
        rising, falling = (bins - left) / (middle - left), (right - bins) / (right - middle)
        rows.append(torch.minimum(rising, falling).clamp(min=0) * 2 / (right - left))
    return torch.stack(rows).float()


class LogMel:
    """The spectrogram of the mel loss."""

    def __init__(self, config):
        self.size, self.hop, self.window_size = config["n_fft"], config["hop_size"], config["win_size"]
        self.filters = slaney_filters(config, config.get("fmax_for_loss") or config["sampling_rate"] / 2).to(DEVICE)
        self.window = torch.hann_window(self.window_size).to(DEVICE)

    def __call__(self, audio):
        # The loss is float32 whatever the networks compute in.
        with torch.autocast(DEVICE.type, enabled=False):
            return self.of(audio.float())

    def of(self, audio):
        padding = (self.size - self.hop) // 2
        padded = F.pad(audio, (padding, padding), "reflect").squeeze(1)
        spectrum = torch.stft(padded, self.size, self.hop, self.window_size, self.window, center=False,
                              onesided=True, return_complex=True)
        magnitude = torch.sqrt(torch.view_as_real(spectrum).pow(2).sum(-1) + 1e-9)
        return torch.log(torch.clamp(torch.matmul(self.filters, magnitude), min=1e-5))


def discriminator_loss(judgements):
    return sum(torch.mean((1 - real[-1]) ** 2) + torch.mean(fake[-1] ** 2) for real, fake in judgements)


def adversarial_loss(judgements):
    return sum(torch.mean((1 - fake[-1]) ** 2) for _, fake in judgements)


def feature_loss(judgements):
    return 2 * sum(torch.mean(torch.abs(r - f)) for real, fake in judgements for r, f in zip(real, fake))


class Training:
    def __init__(self, start):
        config = json.loads(start["config"])
        self.generator = Generator(config)
        self.mpd = MultiPeriodDiscriminator(start["width_divisor"])
        self.msd = MultiScaleDiscriminator(start["width_divisor"])
        for name in ("generator", "mpd", "msd"):
            getattr(self, name).load_state_dict(start[name])
            getattr(self, name).to(DEVICE)
        rate, betas = config["learning_rate"], (config["adam_b1"], config["adam_b2"])
        judges = [*self.msd.parameters(), *self.mpd.parameters()]
        self.generator_optimiser = torch.optim.AdamW(self.generator.parameters(), rate, betas)
        self.discriminator_optimiser = torch.optim.AdamW(judges, rate, betas)
        self.log_mel = LogMel(config)
        self.mel, self.audio = start["mel"].to(DEVICE), start["audio"].to(DEVICE)
        self.folded = False
        self.graph = None
        # Of real audio it comes from the data loader, not from the step.
        self.audio_mel = self.log_mel(self.audio)

    def step(self):
        # As automatic mixed precision does it: convolutions in BF16, losses and optimiser in float32.
        with torch.autocast(DEVICE.type, torch.bfloat16, enabled=BF16):
            return self.whole_step()

    def whole_step(self):
        fake = self.generator(self.mel)
        fake_mel = self.log_mel(fake)

        self.discriminator_optimiser.zero_grad()
        period = discriminator_loss(self.mpd(self.audio, fake.detach()))
        scale = discriminator_loss(self.msd(self.audio, fake.detach()))
        (scale + period).backward()
        self.discriminator_optimiser.step()

        self.generator_optimiser.zero_grad()
        mel_error = F.l1_loss(self.audio_mel, fake_mel)
        by_period, by_scale = self.mpd(self.audio, fake), self.msd(self.audio, fake)
        feature_period, feature_scale = feature_loss(by_period), feature_loss(by_scale)
        adversarial_period, adversarial_scale = adversarial_loss(by_period), adversarial_loss(by_scale)
        total = adversarial_scale + adversarial_period + feature_scale + feature_period + 45 * mel_error
        total.backward()
        self.generator_optimiser.step()
        return {"disc_mpd": period, "disc_msd": scale, "adv_mpd": adversarial_period, "adv_msd": adversarial_scale,
                "fm_mpd": feature_period, "fm_msd": feature_scale, "mel": mel_error}


    def fold(self):
        """Makes the generator ready for synthesis, as the official code does; no step can follow."""
        if not self.folded:
            self.folded = True
            for module in self.generator.modules():
                if hasattr(module, "weight_g"):
                    remove_weight_norm(module)

    def synthesise(self):
        with torch.no_grad():
            if not GRAPH:
                return self.generate()
            if self.graph is None:
                # cuDNN chooses its algorithms before, on another stream, as capturing demands.
                stream = torch.cuda.Stream()
                stream.wait_stream(torch.cuda.current_stream())
                with torch.cuda.stream(stream):
                    for _ in range(3):
                        self.generate()
                torch.cuda.current_stream().wait_stream(stream)
                self.graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(self.graph):
                    self.captured = self.generate()
            self.graph.replay()
            return self.captured

    def generate(self):
        # Weights in BF16 too, where there is a choice: the quickest way that PyTorch has.
        if BF16:
            return self.generator.bfloat16()(self.mel.bfloat16()).float()
        return self.generator(self.mel)


def wait():
    if CUDA:
        torch.cuda.synchronize()


def main():
    torch.set_num_threads(THREADS)
    training = Training(torch.load(START))
    words = {"cpu": "", "cuda": " CUDA", "tf32": " TF32", "bf16": " BF16", "graph": " graph"}
    name = "PyTorch " + torch.__version__ + "".join(words[word] for word in WHERE.split("-"))
    print(json.dumps({"contender": name}), flush=True)
    for line in sys.stdin:
        synthesis = line.strip() == "synthesise"
        if synthesis:
            training.fold()
        wait()
        begin = time.perf_counter()
        result = training.synthesise() if synthesis else training.step()
        wait()
        seconds = time.perf_counter() - begin
        losses = {"mean_square": result.square().mean(), "mean_size": result.abs().mean()} if synthesis else result
        values = {name: loss.item() for name, loss in losses.items()}
        print(json.dumps({"seconds": seconds, "losses": values}), flush=True)


if __name__ == "__main__":
    main()
