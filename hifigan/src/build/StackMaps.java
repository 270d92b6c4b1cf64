// SPDX-License-Identifier: Apache-2.0
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Gives the classes of a jar that were compiled for Java 5, as picocli's are, the stack maps that came with Java 6: the JVM
 * puts no class without them into an archive, and to load picocli's took a tenth of a second on every start. Argument: the
 * jar.
 */
final class StackMaps {
    private static final int JAVA_6 = 50;

    private StackMaps() {}

    public static void main(String[] args) throws IOException {
        Path jar = Path.of(args[0]);
        Map<ZipEntry, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    entries.put(entry, in.readAllBytes());
                }
            }
        }
        Map<String, byte[]> classes = new LinkedHashMap<>();
        entries.forEach((entry, bytes) -> classes.put(entry.getName(), bytes));
        ClassFile format = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofResourceParsing(
                        (ClassDesc name) -> stream(classes.get(file(name))))
                        .orElse(ClassHierarchyResolver.defaultResolver())));
        Path written = jar.resolveSibling(jar.getFileName() + ".part");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(written))) {
            for (Map.Entry<ZipEntry, byte[]> entry : entries.entrySet()) {
                String name = entry.getKey().getName();
                ZipEntry copy = new ZipEntry(name);
                copy.setTimeLocal(entry.getKey().getTimeLocal());
                out.putNextEntry(copy);
                out.write(name.endsWith(".class") ? withStackMaps(format, entry.getValue()) : entry.getValue());
                out.closeEntry();
            }
        }
        Files.move(written, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] withStackMaps(ClassFile format, byte[] bytes) {
        ClassModel model = format.parse(bytes);
        if (model.majorVersion() >= JAVA_6) {
            return bytes;
        }
        ClassTransform version = (to, element) -> to.with(
                element instanceof ClassFileVersion ? ClassFileVersion.of(JAVA_6, 0) : element);
        return format.transformClass(model,
                ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL).andThen(version));
    }

    private static String file(ClassDesc name) {
        String descriptor = name.descriptorString();
        return descriptor.substring(1, descriptor.length() - 1) + ".class";
    }

    private static InputStream stream(byte[] bytes) {
        return bytes == null ? null : new ByteArrayInputStream(bytes);
    }
}
