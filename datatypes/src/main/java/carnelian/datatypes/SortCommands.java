package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pattern;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.first;
import static carnelian.command.KeySpec.unknown;
import static carnelian.engine.Command.command;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import carnelian.command.AclCategory;
import carnelian.command.Group;
import carnelian.command.KeyFinder;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.JavaHeapBudget;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.Hashes;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.Keyspace;
import carnelian.keyspace.ListCursor;
import carnelian.keyspace.ListEnd;
import carnelian.keyspace.Lists;
import carnelian.keyspace.SetCursor;
import carnelian.keyspace.SortedSetCursor;
import carnelian.keyspace.SortedSets;
import carnelian.keyspace.Type;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.structures.Element;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// SORT: the elements of a list, set or sorted set in an order of their own or of other keys'
/// values.
public final class SortCommands {
  /// Elements that are looked at to estimate how much they all take.
  private static final int SAMPLES = 5;

  private static final ReplyError NOT_A_NUMBER =
      ReplyError.err("One or more scores can't be converted into double");

  /// What a command asks for. Argument indexes are 0 where there is no such option.
  private record Query(
      boolean descending,
      boolean byBytes,
      long offset,
      long count,
      int by,
      List<Integer> gets,
      int store) {}

  /// An element with what it is sorted by.
  @SuppressWarnings("ArrayRecordComponent") // Held and sorted, never compared as a record.
  private record Weighed(byte[] element, double score, byte @Nullable [] bytes) {}

  private SortCommands() {}

  /// SORT — Sorts a list, set or sorted set and replies with the result or stores it.
  static final Command SORT =
      command(
          declare("SORT")
              .group(Group.GENERIC)
              .since("1.0.0")
              .complexity("O(N+M*log(M)), N = elements, M = elements replied")
              .summary("Sorts a list, set or sorted set and replies with the result or stores it.")
              .arity(-2)
              .flags(WRITE, DENYOOM)
              .categories(
                  AclCategory.DANGEROUS, AclCategory.LIST, AclCategory.SET, AclCategory.SORTEDSET)
              .keys(
                  first(RO, ACCESS),
                  unknown(RO, ACCESS)
                      .notes("BY and GET name keys by patterns and by what is " + "sorted."),
                  unknown(OW, UPDATE).notes("STORE may stand anywhere."))
              .keysFoundBy(KeyFinder::ofSort)
              .args(
                  key("key"),
                  pattern("by-pattern").keySpec(1).token("BY").displayed("pattern").optional(),
                  block("limit", integer("offset"), integer("count")).token("LIMIT").optional(),
                  pattern("get-pattern")
                      .keySpec(1)
                      .token("GET")
                      .displayed("pattern")
                      .multipleToken()
                      .optional(),
                  oneOf("order", pureToken("ASC"), pureToken("DESC")).optional(),
                  pureToken("sorting", "ALPHA").optional(),
                  key("destination").keySpec(2).token("STORE").optional())
              .replies(ReplyShape.integer(), ReplyShape.array()),
          SortCommands::sort);

  private static void sort(Call call) {
    Query query = parse(call, true);
    List<byte[]> sorted = sorted(call, query);
    if (query.store() == 0) {
      reply(call, query, sorted);
    } else {
      store(call, query, sorted);
    }
  }

  /// SORT_RO — Sorts a list, set or sorted set and replies with the result.
  static final Command SORT_RO =
      command(
          declare("SORT_RO")
              .group(Group.GENERIC)
              .since("7.0.0")
              .complexity("O(N+M*log(M)), N = elements, M = elements replied")
              .summary("Sorts a list, set or sorted set and replies with the result.")
              .arity(-2)
              .flags(READONLY)
              .categories(
                  AclCategory.DANGEROUS, AclCategory.LIST, AclCategory.SET, AclCategory.SORTEDSET)
              .keys(
                  first(RO, ACCESS),
                  unknown(RO, ACCESS)
                      .notes("BY and GET name keys by patterns and by what is " + "sorted."))
              .args(
                  key("key"),
                  pattern("by-pattern").keySpec(1).token("BY").displayed("pattern").optional(),
                  block("limit", integer("offset"), integer("count")).token("LIMIT").optional(),
                  pattern("get-pattern")
                      .keySpec(1)
                      .token("GET")
                      .displayed("pattern")
                      .multipleToken()
                      .optional(),
                  oneOf("order", pureToken("ASC"), pureToken("DESC")).optional(),
                  pureToken("sorting", "ALPHA").optional())
              .replies(ReplyShape.array()),
          SortCommands::sortRo);

  private static void sortRo(Call call) {
    Query query = parse(call, false);
    reply(call, query, sorted(call, query));
  }

  // ---- Options ---------------------------------------------------------------------------------

  private static Query parse(Call call, boolean mayStore) {
    boolean descending = false;
    boolean byBytes = false;
    long offset = 0;
    long count = -1;
    int by = 0;
    int store = 0;
    List<Integer> gets = new ArrayList<>();
    for (int i = 2; i < call.argc(); i++) {
      int left = call.argc() - i - 1;
      if (call.is(i, "ASC")) {
        descending = false;
      } else if (call.is(i, "DESC")) {
        descending = true;
      } else if (call.is(i, "ALPHA")) {
        byBytes = true;
      } else if (call.is(i, "LIMIT") && left >= 2) {
        offset = call.integer(i + 1);
        count = call.integer(i + 2);
        i += 2;
      } else if (mayStore && call.is(i, "STORE") && left >= 1) {
        store = ++i;
      } else if (call.is(i, "BY") && left >= 1) {
        by = ++i;
        if (call.arg(by).toString().indexOf('*') >= 0) {
          checkAnyKey(call, "BY");
        }
      } else if (call.is(i, "GET") && left >= 1) {
        checkAnyKey(call, "GET");
        gets.add(++i);
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    return new Query(descending, byBytes, offset, count, by, gets, store);
  }

  /// A pattern may name any key, which the user must be allowed to read.
  private static void checkAnyKey(Call call, String option) {
    if (!call.mayReadAnyKey()) {
      throw ReplyError.err(option + " option of SORT denied due to insufficient ACL permissions.");
    }
  }

  // ---- Sorting ---------------------------------------------------------------------------------

  private static List<byte[]> sorted(Call call, Query query) {
    long entry = call.db().read(call.arg(1));
    if (entry == 0) {
      return List.of();
    }
    // A pattern without an asterisk names the same key for every element: no sorting at all.
    boolean inOrder = query.by() != 0 && call.arg(query.by()).toString().indexOf('*') < 0;
    boolean byBytes = query.byBytes();
    boolean ownValue = query.by() == 0;
    boolean lasts = query.store() != 0 || call.isOfScript();
    if (inOrder && lasts && Database.type(entry) == Type.SET) {
      // What is stored, or what a script goes on with, must not depend on the order of a hash
      // table.
      inOrder = false;
      byBytes = true;
      ownValue = true;
    }
    checkHeap(call, entry);
    List<byte[]> elements = elements(call, entry, inOrder && query.descending());
    if (!inOrder) {
      elements = order(call, query, elements, byBytes, ownValue);
    }
    long from = Math.max(0, query.offset());
    if (from >= elements.size()) {
      return List.of();
    }
    long left = elements.size() - from;
    long taken = query.count() < 0 ? left : Math.min(query.count(), left);
    return elements.subList((int) from, (int) (from + taken));
  }

  /// What is sorted is copied to the Java heap: an error reply if it does not fit.
  private static void checkHeap(Call call, long entry) {
    Keyspace keyspace = call.keyspace();
    long count =
        switch (Database.type(entry)) {
          case LIST -> keyspace.lists().count(entry);
          case SET -> keyspace.sets().count(entry);
          case ZSET -> keyspace.sortedSets().count(entry);
          case STRING, HASH, STREAM -> throw ReplyError.WRONG_TYPE;
        };
    call.javaHeap().check(count * JavaHeapBudget.OBJECT_BYTES + call.db().bytes(entry, SAMPLES));
  }

  private static List<byte[]> elements(Call call, long entry, boolean descending) {
    List<byte[]> elements = new ArrayList<>();
    switch (Database.type(entry)) {
      case LIST -> {
        Lists lists = call.keyspace().lists();
        ListCursor each =
            descending
                ? lists.elements().startBackward(entry, lists.count(entry) - 1)
                : lists.elements().startForward(entry, 0);
        while (each.next()) {
          elements.add(each.element().toBytes());
        }
      }
      case SET -> {
        SetCursor each = call.keyspace().sets().members(entry);
        while (each.next()) {
          elements.add(each.member().toBytes());
        }
      }
      case ZSET -> {
        SortedSets sets = call.keyspace().sortedSets();
        sets.spread(call.db(), entry);
        SortedSetCursor each =
            descending
                ? sets.members().startDescending(entry, sets.count(entry) - 1)
                : sets.members().startAscending(entry, 0);
        while (each.next()) {
          elements.add(each.member().toBytes());
        }
      }
      case STRING, HASH, STREAM -> throw ReplyError.WRONG_TYPE;
    }
    return elements;
  }

  private static List<byte[]> order(
      Call call, Query query, List<byte[]> elements, boolean byBytes, boolean ownValue) {
    List<byte @Nullable []> values = new ArrayList<>();
    for (byte[] element : elements) {
      // All are looked up, also those behind one that is no number.
      values.add(ownValue ? element : lookup(call, query.by(), element));
    }
    List<Weighed> weighed = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      byte[] element = elements.get(i);
      byte[] value = values.get(i);
      weighed.add(
          byBytes
              ? new Weighed(element, 0, value)
              : new Weighed(element, value == null ? 0 : number(value), null));
    }
    Comparator<Weighed> comparator =
        byBytes ? SortCommands::compareBytes : SortCommands::compareScores;
    weighed.sort(query.descending() ? comparator.reversed() : comparator);
    List<byte[]> sorted = new ArrayList<>();
    for (Weighed each : weighed) {
      sorted.add(each.element());
    }
    return sorted;
  }

  /// Equal scores are ordered by the elements, so that the result is always the same.
  private static int compareScores(Weighed one, Weighed other) {
    int order = Double.compare(one.score() + 0.0, other.score() + 0.0);
    return order != 0 ? order : Arrays.compareUnsigned(one.element(), other.element());
  }

  /// What has no value comes first.
  private static int compareBytes(Weighed one, Weighed other) {
    return Arrays.compareUnsigned(one.bytes(), other.bytes());
  }

  /// As C's `strtod` reads it: up to a zero byte, blanks may stand before it, and nothing is 0.
  private static double number(byte[] text) {
    int to = 0;
    while (to < text.length && text[to] != 0) {
      to++;
    }
    if (to == 0) {
      return 0;
    }
    int from = 0;
    while (from < to - 1 && (text[from] == ' ' || text[from] >= '\t' && text[from] <= '\r')) {
      from++;
    }
    try (NativeBuffer copy = new NativeBuffer(text.length)) {
      copy.put(Arrays.copyOfRange(text, from, to));
      return Call.number(copy.address(), copy.length(), NOT_A_NUMBER);
    }
  }

  // ---- Other keys ------------------------------------------------------------------------------

  /// The value that a pattern names for an element: `#` the element itself, `key_*` a string,
  /// `key_*->field` a field of a hash. Null if there is none.
  private static byte @Nullable [] lookup(Call call, int patternAt, byte[] element) {
    String pattern = call.arg(patternAt).toString();
    if (pattern.equals("#")) {
      return element;
    }
    int asterisk = pattern.indexOf('*');
    if (asterisk < 0) {
      return null;
    }
    int arrow = pattern.indexOf("->", asterisk + 1);
    boolean inHash = arrow >= 0 && arrow + 2 < pattern.length();
    String keyPattern = inHash ? pattern.substring(0, arrow) : pattern;
    String key =
        keyPattern.substring(0, asterisk)
            + new String(element, ISO_8859_1)
            + keyPattern.substring(asterisk + 1);
    return inHash ? hashField(call, key, pattern.substring(arrow + 2)) : string(call, key);
  }

  private static byte @Nullable [] string(Call call, String key) {
    try (NativeBuffer bytes = new NativeBuffer(key.length())) {
      bytes.put(key.getBytes(ISO_8859_1));
      long entry = call.db().read(bytes.slice(new Slice()));
      return entry == 0 || Database.type(entry) != Type.STRING
          ? null
          : call.keyspace().strings().get(entry, new Element()).toBytes();
    }
  }

  private static byte @Nullable [] hashField(Call call, String key, String field) {
    try (NativeBuffer keyBytes = new NativeBuffer(key.length());
        NativeBuffer fieldBytes = new NativeBuffer(field.length())) {
      keyBytes.put(key.getBytes(ISO_8859_1));
      fieldBytes.put(field.getBytes(ISO_8859_1));
      long entry = call.db().read(keyBytes.slice(new Slice()));
      if (entry == 0 || Database.type(entry) != Type.HASH) {
        return null;
      }
      Hashes hashes = call.keyspace().hashes();
      Slice name = fieldBytes.slice(new Slice());
      // What is stored must not depend on a field that a copy of the data still has.
      long hash = hashes.expireField(call.db(), entry, name);
      Element value = new Element();
      return hash != 0 && hashes.get(hash, name, value) ? value.toBytes() : null;
    }
  }

  // ---- The result ------------------------------------------------------------------------------

  private static void reply(Call call, Query query, List<byte[]> sorted) {
    if (query.gets().isEmpty()) {
      call.reply().array(sorted.size());
      for (byte[] element : sorted) {
        call.reply().bulk(element);
      }
      return;
    }
    call.reply().array(sorted.size() * query.gets().size());
    for (byte[] element : sorted) {
      for (int get : query.gets()) {
        byte[] value = lookup(call, get, element);
        if (value == null) {
          call.reply().nil();
        } else {
          call.reply().bulk(value);
        }
      }
    }
  }

  private static void store(Call call, Query query, List<byte[]> sorted) {
    List<byte[]> values = new ArrayList<>();
    for (byte[] element : sorted) {
      if (query.gets().isEmpty()) {
        values.add(element);
      }
      for (int get : query.gets()) {
        byte[] value = lookup(call, get, element);
        values.add(value == null ? new byte[0] : value);
      }
    }
    Slice destination = call.arg(query.store());
    Database db = call.db();
    if (values.isEmpty()) {
      db.deleteTarget(destination);
      call.reply().integer(0);
      return;
    }
    Lists lists = call.keyspace().lists();
    long list = lists.detached();
    try (NativeBuffer bytes = new NativeBuffer(64)) {
      Slice value = new Slice();
      for (byte[] each : values) {
        bytes.clear();
        bytes.put(each);
        lists.push(db, list, bytes.slice(value), ListEnd.TAIL);
      }
    }
    lists.attach(db, destination, list);
    call.changed(destination, KeyEvent.SORTSTORE, values.size());
    call.reply().integer(values.size());
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "SORT SORT_RO";

  public static List<Command> all() {
    return List.of(SORT, SORT_RO);
  }
}
