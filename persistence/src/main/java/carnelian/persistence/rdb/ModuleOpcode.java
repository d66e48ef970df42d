package carnelian.persistence.rdb;

/// What precedes each part of a module's value, so that it can be read over by whoever lacks the
/// module.
final class ModuleOpcode {
  static final int EOF = 0;
  static final int SIGNED = 1;
  static final int UNSIGNED = 2;
  static final int FLOAT = 3;
  static final int DOUBLE = 4;
  static final int STRING = 5;

  private ModuleOpcode() {}
}
