package carnelian.keyspace;

import carnelian.memory.Slice;
import carnelian.structures.Element;
import carnelian.structures.Intsets;
import carnelian.structures.Listpacks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Everything a keyspace holds, as text: `0:key` to `TYPE@deadline [elements]`. What has no order
/// of its own is sorted. Encodings do not show.
final class Contents implements ValueVisitor {
  private final List<String> parts = new ArrayList<>();
  private Encoding encoding = Encoding.STRING_RAW;

  private Contents() {}

  static Map<String, String> of(Keyspace keyspace) {
    Map<String, String> contents = new TreeMap<>();
    for (int i = 0; i < keyspace.databases(); i++) {
      new Contents().read(i, keyspace.database(i).cursor(), contents);
    }
    return contents;
  }

  /// As the cut saw it; may be called on another thread.
  static Map<String, String> of(KeyspaceCut cut) {
    Map<String, String> contents = new TreeMap<>();
    for (int i = 0; i < cut.databases(); i++) {
      new Contents().read(i, cut.cursor(i), contents);
    }
    return contents;
  }

  /// How [#of] would show a value.
  static String shown(Type type, List<String> elements) {
    List<String> shown = new ArrayList<>(elements);
    if (type != Type.LIST) {
      Collections.sort(shown);
    }
    return type + "@-1 " + shown;
  }

  private void read(int database, KeyCursor cursor, Map<String, String> into) {
    while (cursor.next()) {
      String key = database + ":" + cursor.key(new Slice());
      Type type = cursor.type();
      long deadline = cursor.deadline();
      parts.clear();
      cursor.walk(this);
      if (type != Type.LIST) {
        Collections.sort(parts);
      }
      into.put(key, type + "@" + deadline + " " + parts);
    }
  }

  @Override
  public void begin(Encoding newEncoding, long count) {
    encoding = newEncoding;
  }

  @Override
  public void compact(long at, int bytes) {
    if (encoding == Encoding.SET_INTSET) {
      for (int i = 0; i < Intsets.count(at); i++) {
        parts.add(Long.toString(Intsets.get(at, i)));
      }
      return;
    }
    Element element = new Element();
    for (long each = Listpacks.first(at); each != 0; each = Listpacks.next(each)) {
      String part = Listpacks.get(each, element).toString();
      if (encoding == Encoding.HASH_LISTPACK_EX) {
        long value = Listpacks.next(each);
        each = Listpacks.next(value);
        part += "=" + Listpacks.get(value, element);
        part += Listpacks.get(each, element).asLong() == 0 ? "" : "@" + element;
      } else if (encoding == Encoding.HASH_LISTPACK || encoding == Encoding.ZSET_LISTPACK) {
        each = Listpacks.next(each);
        Listpacks.get(each, element);
        part +=
            "="
                + (encoding == Encoding.ZSET_LISTPACK
                    ? Double.toString(SortedSets.score(element))
                    : element.toString());
      }
      parts.add(part);
    }
  }

  @Override
  public void element(Element element) {
    parts.add(element.toString());
  }

  @Override
  public void field(Element field, Element value) {
    parts.add(field + "=" + value);
  }

  @Override
  public void field(Element field, Element value, long deadline) {
    parts.add(field + "=" + value + (deadline == Database.NO_DEADLINE ? "" : "@" + deadline));
  }

  @Override
  public void member(Element member, double score) {
    parts.add(member + "=" + score);
  }
}
