package carnelian.keyspace;

import carnelian.structures.Element;
import carnelian.structures.Listpacks;

/// Whether a listpack from a file or a client is a stream's node.
public final class StreamNodes {
  private StreamNodes() {}

  /// How many entries that are not deleted a valid listpack holds as a node; -1 if it is none.
  public static long count(long listpack) {
    Reader in = new Reader(Listpacks.first(listpack));
    long count = in.integer();
    long deleted = in.integer();
    long masterFields = in.integer();
    if (count < 0 || deleted < 0 || masterFields < 0) {
      return -1;
    }
    in.skip(masterFields);
    if (in.integer() != 0) {
      return -1;
    }
    long live = 0;
    long dead = 0;
    while (!in.broken && in.element != 0) {
      if (in.entry(masterFields)) {
        dead++;
      } else {
        live++;
      }
    }
    return in.broken || live != count || dead != deleted ? -1 : live;
  }

  /// Reads element after element; broken once one is missing or is not what it should be.
  private static final class Reader {
    private final Element value = new Element();
    long element;
    boolean broken;

    Reader(long first) {
      element = first;
    }

    long integer() {
      if (element == 0 || broken || !Listpacks.get(element, value).isLong()) {
        broken = true;
        return -1;
      }
      element = Listpacks.next(element);
      return value.asLong();
    }

    void skip(long count) {
      for (long i = 0; i < count && !broken; i++) {
        broken = element == 0;
        element = broken ? 0 : Listpacks.next(element);
      }
    }

    /// Reads one entry and returns whether it is deleted.
    boolean entry(long masterFields) {
      // Its byte is overwritten in place later.
      broken |= element == 0 || Listpacks.entryBytes(element) != 2;
      long flags = integer();
      long _ = integer();
      long _ = integer();
      long elements = 3;
      long fields = masterFields;
      if ((flags & StreamNodeLayout.SAME_FIELDS) == 0) {
        fields = integer();
        broken |= fields < 0 || fields > Listpacks.MAX_BYTES;
        skip(fields);
        elements += fields + 1;
      }
      skip(fields);
      elements += fields;
      broken |= integer() != elements || (flags & ~3L) != 0;
      return (flags & StreamNodeLayout.DELETED) != 0;
    }
  }
}
