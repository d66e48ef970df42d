package carnelian.command;

import org.jspecify.annotations.Nullable;

/// The chapter of the documentation to which a command belongs, with Redis's words.
///
/// Nearly every group has an ACL category of the same meaning; a command is in the category of its
/// group unless its declaration names others.
public enum Group {
  GENERIC("generic", AclCategory.KEYSPACE),
  STRING("string", AclCategory.STRING),
  LIST("list", AclCategory.LIST),
  SET("set", AclCategory.SET),
  SORTED_SET("sorted-set", AclCategory.SORTEDSET),
  HASH("hash", AclCategory.HASH),
  PUBSUB("pubsub", null),
  TRANSACTIONS("transactions", AclCategory.TRANSACTION),
  CONNECTION("connection", AclCategory.CONNECTION),
  SERVER("server", null),
  SCRIPTING("scripting", AclCategory.SCRIPTING),
  HYPERLOGLOG("hyperloglog", AclCategory.HYPERLOGLOG),
  CLUSTER("cluster", null),
  SENTINEL("sentinel", null),
  GEO("geo", AclCategory.GEO),
  STREAM("stream", AclCategory.STREAM),
  BITMAP("bitmap", AclCategory.BITMAP);

  private final String word;
  private final @Nullable AclCategory category;

  Group(String word, @Nullable AclCategory category) {
    this.word = word;
    this.category = category;
  }

  /// As COMMAND DOCS prints it.
  public String word() {
    return word;
  }

  /// The ACL category that the group implies, or null if it implies none.
  public @Nullable AclCategory category() {
    return category;
  }
}
