package carnelian.server;

/// One section of INFO. Called on the engine's thread.
interface InfoSection {
  /// As it stands in the heading.
  String name();

  /// Whether INFO without arguments shows it.
  boolean isStandard();

  void write(Fields fields);

  /// Takes the fields one by one.
  interface Fields {
    void put(String field, Object value);
  }

  /// A section from its name and what writes it.
  static InfoSection standard(String name, Writer writer) {
    return new Written(name, true, writer);
  }

  /// A section that is shown only when asked for.
  static InfoSection onDemand(String name, Writer writer) {
    return new Written(name, false, writer);
  }

  /// Writes the fields of one section.
  interface Writer {
    void write(Fields fields);
  }

  /// See [#standard].
  record Written(String name, boolean isStandard, Writer writer) implements InfoSection {
    @Override
    public void write(Fields fields) {
      writer.write(fields);
    }
  }
}
