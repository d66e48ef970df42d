package carnelian.command;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The ACL categories (`+@read`), in the order in which COMMAND INFO and ACL CAT print them.
public enum AclCategory {
  KEYSPACE,
  READ,
  WRITE,
  SET,
  SORTEDSET,
  LIST,
  HASH,
  STRING,
  BITMAP,
  HYPERLOGLOG,
  GEO,
  STREAM,
  PUBSUB,
  ADMIN,
  FAST,
  SLOW,
  BLOCKING,
  DANGEROUS,
  CONNECTION,
  TRANSACTION,
  SCRIPTING;

  private static final AclCategory[] VALUES = values();

  private final String word = name().toLowerCase(Locale.ROOT);

  /// As ACL CAT prints it, without the `@`.
  public String word() {
    return word;
  }

  /// This category's bit in a [Declaration#categoryBits].
  @SuppressWarnings("EnumOrdinal") // The bits live in memory only.
  public int bit() {
    return 1 << ordinal();
  }

  /// The category with this word (any case, without the `@`), or null.
  public static @Nullable AclCategory named(String word) {
    for (AclCategory category : VALUES) {
      if (category.word.equalsIgnoreCase(word)) {
        return category;
      }
    }
    return null;
  }
}
