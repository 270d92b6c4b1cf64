// SPDX-License-Identifier: Apache-2.0
// What './aulos jshell' starts with.
import aulos.engine.*;
import aulos.engine.io.*;
import aulos.engine.nn.*;
import aulos.engine.op.*;
import aulos.engine.reference.*;
import aulos.engine.study.*;
import aulos.engine.transform.*;
import java.nio.file.Path;
import java.util.*;
import java.util.function.*;
var backend = Backends.open(System.getProperty("aulos.device", "cpu"));
var scope = Scope.open();
System.out.println("backend: " + backend.description() + "; a scope is open, so tensors live until /exit or scope.close()");
