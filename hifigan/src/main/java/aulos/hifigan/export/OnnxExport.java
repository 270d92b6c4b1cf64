// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.export;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.AtomicFile;
import aulos.hifigan.io.Protobuf;
import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a generator as an ONNX model, opset 13: input {@code mel} [batch, mels, frames], output {@code audio}
 * [batch, 1, samples], float32, any batch and any number of frames. The configuration travels along as the model's
 * metadata entry {@code config.json}, so that the file says which mels it takes and at which rate it speaks;
 * {@code model_type} and {@code sample_rate} say it to sherpa-onnx.
 */
public final class OnnxExport {
    private static final int OPSET = 13;
    /** ONNX's IR version that came with opset 13. */
    private static final int IR_VERSION = 7;
    private static final int FLOAT = 1;
    private static final int CHUNK = 1 << 16;

    /** A TensorProto up to and with the length of its raw data, and the data. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Initializer(byte[] head, NdArray values) {
        /** Bytes of the TensorProto. */
        long length() {
            return head.length + (long) values.shape().size() * Float.BYTES;
        }
    }

    private OnnxExport() {}

    /**
     * Replaces or creates {@code file}, which is there whole or not at all.
     *
     * @param weights name to array, exactly those of {@link HifiGanConfig#foldedParameters}; float64 is rounded
     * @throws IllegalArgumentException if an array is missing, is too many, or has the wrong shape
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, HifiGanConfig config, Map<String, NdArray> weights) throws IOException {
        checkWeights(config, weights);
        AtomicFile.write(file, out -> writeModel(out, config, weights));
    }

    private static void checkWeights(HifiGanConfig config, Map<String, NdArray> weights) {
        Map<String, Shape> given = new LinkedHashMap<>();
        weights.forEach((name, array) -> given.put(name, array.shape()));
        config.foldedParameters().forEach((name, shape) -> {
            if (!shape.equals(given.remove(name))) {
                NdArray array = weights.get(name);
                throw new IllegalArgumentException("onnx export: weight " + name + " is "
                        + (array == null ? "missing" : array.shape()) + ", the configuration expects " + shape);
            }
        });
        if (!given.isEmpty()) {
            throw new IllegalArgumentException("onnx export: given " + given.size() + " weights that the configuration "
                    + "does not know, the first is " + given.keySet().iterator().next());
        }
    }

    /** The ModelProto. Lengths come first in protobuf: all but the weights is made before anything is written. */
    private static void writeModel(OutputStream out, HifiGanConfig config, Map<String, NdArray> weights)
            throws IOException {
        Protobuf graph = new Protobuf();
        OnnxGraph.nodes(config).forEach(node -> graph.message(1, node));
        graph.text(2, "hifigan");
        graph.message(11, value(OnnxGraph.INPUT, config.mel().mels(), "frames"));
        graph.message(12, value(OnnxGraph.OUTPUT, 1, "samples"));
        byte[] graphHead = graph.toBytes();

        List<Initializer> initializers = new ArrayList<>();
        config.foldedParameters().keySet().forEach(name -> initializers.add(initializer(name, weights.get(name))));
        int blocks = config.resblockKernelSizes().size();
        if (blocks > 1) {
            initializers.add(initializer(OnnxGraph.BLOCKS, NdArray.of(Shape.SCALAR, (float) blocks)));
        }

        long length = graphHead.length;
        for (Initializer initializer : initializers) {
            length += new Protobuf().header(5, initializer.length()).toBytes().length + initializer.length();
        }
        if (length > Integer.MAX_VALUE - CHUNK) {
            throw new IOException("onnx export: model of " + length + " bytes, a protobuf file holds at most 2 GiB");
        }

        Protobuf model = new Protobuf().integer(1, IR_VERSION).text(2, "aulos");
        model.message(8, new Protobuf().integer(2, OPSET));
        model.message(14, metadata("config.json", config.toJson()));
        model.message(14, metadata("model_type", "hifigan"));
        model.message(14, metadata("sample_rate", Integer.toString(config.mel().samplingRate())));
        out.write(model.header(7, length).toBytes());
        out.write(graphHead);
        for (Initializer initializer : initializers) {
            out.write(new Protobuf().header(5, initializer.length()).toBytes());
            out.write(initializer.head());
            writeFloats(out, initializer.values());
        }
    }

    private static Protobuf metadata(String key, String value) {
        return new Protobuf().text(1, key).text(2, value);
    }

    private static Initializer initializer(String name, NdArray values) {
        Protobuf tensor = new Protobuf();
        for (int dim : values.shape().dims()) {
            tensor.integer(1, dim);
        }
        tensor.integer(2, FLOAT).text(8, name).header(9, (long) values.shape().size() * Float.BYTES);
        return new Initializer(tensor.toBytes(), values);
    }

    /** ValueInfoProto of a float tensor [batch, channels, {@code time}]. */
    private static Protobuf value(String name, int channels, String time) {
        Protobuf shape = new Protobuf()
                .message(1, new Protobuf().text(2, "batch"))
                .message(1, new Protobuf().integer(1, channels))
                .message(1, new Protobuf().text(2, time));
        Protobuf tensor = new Protobuf().integer(1, FLOAT).message(2, shape);
        return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
    }

    private static void writeFloats(OutputStream out, NdArray values) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.shape().size(); i++) {
            chunk.putFloat((float) values.get(i));
            if (!chunk.hasRemaining()) {
                out.write(chunk.array());
                chunk.clear();
            }
        }
        out.write(chunk.array(), 0, chunk.position());
    }
}
