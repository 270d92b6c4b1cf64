package example.vocoder;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavWriter;
import aulos.hifigan.vocode.Vocoder;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** A second of silence from the bundled voice: a mel spectrogram of ln 1e-5 in, a WAV out. */
public final class Speak {
    private Speak() {}

    public static void main(String[] arguments) throws IOException {
        Voice voice = Voice.bundled();
        int bands = voice.config().mel().mels();
        float[] silence = new float[bands * 86];
        Arrays.fill(silence, (float) Math.log(1e-5));
        Path out = Path.of(arguments[0]);
        try (Backend backend = Backends.open("cpu"); Vocoder vocoder = voice.open(backend);
                WavWriter wav = WavWriter.create(out, voice.config().mel().samplingRate(), Encoding.PCM16)) {
            vocoder.vocode(NdArray.of(Shape.of(bands, 86), silence), wav::write);
            wav.commit();
        }
        System.out.println(out + " written");
    }
}
