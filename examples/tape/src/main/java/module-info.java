/** Needs the engine and java.base, nothing else. */
module example.tape {
    requires aulos.engine;
}
