package carnelian.command;

/// What a command does with the keys of one key spec, in the order in which COMMAND INFO prints it.
///
/// The first four say what happens to the key as a whole, the next four what happens to the user's
/// data in it (ACL key permissions and tracking are derived from those).
public enum KeyFlag {
  RO("RO"),
  RW("RW"),
  OW("OW"),
  RM("RM"),
  ACCESS("access"),
  UPDATE("update"),
  INSERT("insert"),
  DELETE("delete"),
  /// Looks like a key (it has a slot) but names none, as the channel of SPUBLISH.
  NOT_KEY("not_key"),
  /// The spec may not find every key.
  INCOMPLETE("incomplete"),
  /// What is done with the key depends on the other arguments.
  VARIABLE_FLAGS("variable_flags");

  private final String word;

  KeyFlag(String word) {
    this.word = word;
  }

  /// As COMMAND INFO prints it.
  public String word() {
    return word;
  }

  /// This flag's bit in a [KeySpec#flagBits].
  @SuppressWarnings("EnumOrdinal") // The bits live in memory only.
  public int bit() {
    return 1 << ordinal();
  }
}
