package carnelian.datatypes;

import static carnelian.command.Arg.integer;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.pattern;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.TOUCHES_ARBITRARY_KEYS;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeySpec.first;
import static carnelian.command.Tip.NONDETERMINISTIC_OUTPUT;
import static carnelian.command.Tip.REQUEST_SPECIAL;
import static carnelian.command.Tip.RESPONSE_SPECIAL;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.Type;
import carnelian.memory.Glob;
import carnelian.memory.NativeBuffer;
import carnelian.memory.Slice;
import carnelian.resp.Reply;
import carnelian.structures.Element;
import carnelian.structures.EntryVisitor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Walks through databases and collections, a few elements per call.
public final class ScanCommands {
  private static final ReplyError INVALID_CURSOR = ReplyError.err("invalid cursor");
  private static final long DEFAULT_COUNT = 10;

  /// Buckets that are looked at for each element wanted, before an almost empty table's page ends.
  private static final long VISITS_PER_ELEMENT = 10;

  /// The options; no pattern and no type let everything pass.
  private record Options(long count, @Nullable Slice pattern, @Nullable String type) {
    long visits() {
      return count > Long.MAX_VALUE / VISITS_PER_ELEMENT
          ? Long.MAX_VALUE
          : count * VISITS_PER_ELEMENT;
    }

    boolean hasType(long entry) {
      return type == null || type.equalsIgnoreCase(Database.type(entry).word());
    }
  }

  /// Gathers one page: its elements are known before the cursor is, which comes first in the reply.
  private static final class Page {
    private final Call call;
    private final @Nullable Slice pattern;
    private final NativeBuffer buffer = new NativeBuffer(PAGE_BYTES);
    private final Reply items = new Reply(buffer);
    private int count;
    private long seen;

    Page(Call call, Options options) {
      this.call = call;
      this.pattern = options.pattern();
      items.protocol(call.reply().protocol());
    }

    boolean matches(Slice text) {
      return pattern == null || Glob.matches(pattern, text);
    }

    private boolean matches(Element element) {
      seen++;
      return matches(call.keyspace().scratch().first(element));
    }

    void add(Element member) {
      if (matches(member)) {
        Elements.bulk(items, member);
        count++;
      }
    }

    void add(Element field, Element value) {
      if (matches(field)) {
        Elements.bulk(items, field);
        Elements.bulk(items, value);
        count += 2;
      }
    }

    void add(Element member, double score) {
      if (matches(member)) {
        Elements.bulk(items, member);
        items.bulkNumber(score);
        count += 2;
      }
    }

    void reply(long cursor) {
      Reply reply = call.reply();
      reply.array(2);
      reply.bulk(Long.toUnsignedString(cursor));
      reply.array(count);
      reply.raw(buffer.address(), buffer.length());
      buffer.close();
    }
  }

  /// Adds the keys of a bucket to a page that are wanted. Those that match but have expired are
  /// removed after it, as all that a command comes across.
  private static final class KeyFilter implements EntryVisitor {
    private final Database db;
    private final Options options;
    private final Page page;
    private final Slice key = new Slice();
    private long[] expired = new long[EXPIRED_AT_FIRST];
    private int expiredCount;

    KeyFilter(Database db, Options options, Page page) {
      this.db = db;
      this.options = options;
      this.page = page;
    }

    @Override
    public void visit(long entry) {
      page.seen++;
      if (!page.matches(Database.key(entry, key))) {
        return;
      }
      if (db.isHidden(entry)) {
        if (expiredCount == expired.length) {
          expired = Arrays.copyOf(expired, 2 * expiredCount);
        }
        expired[expiredCount++] = entry;
      } else if (options.hasType(entry)) {
        page.items.bulk(key);
        page.count++;
      }
    }

    void removeExpired() {
      for (int i = 0; i < expiredCount; i++) {
        db.expireIfDue(expired[i]);
      }
      expiredCount = 0;
    }
  }

  private static final int PAGE_BYTES = 1024;

  /// A bucket's worth.
  private static final int EXPIRED_AT_FIRST = 8;

  private ScanCommands() {}

  /// HSCAN — Walks through the fields of a hash, a few per call.
  static final Command HSCAN =
      command(
          declare("HSCAN")
              .group(Group.HASH)
              .since("2.8.0")
              .complexity("O(1) for each call, O(N) for a whole iteration, N = fields")
              .summary("Walks through the fields of a hash, a few per call.")
              .arity(-3)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  integer("cursor"),
                  pattern("pattern").token("MATCH").optional(),
                  integer("count").token("COUNT").optional())
              .replies(ReplyShape.array())
              .tips(NONDETERMINISTIC_OUTPUT),
          ScanCommands::hscan);

  private static void hscan(Call call) {
    long cursor = cursor(call, 2);
    long entry = call.db().read(call.arg(1), Type.HASH);
    if (entry == 0) {
      nothing(call);
      return;
    }
    Options options = options(call, 3, false);
    Page page = new Page(call, options);
    long next = cursor;
    long visits = options.visits();
    while (visits-- > 0) {
      next = call.keyspace().hashes().scan(entry, next, page::add);
      if (next == 0 || page.seen >= options.count()) {
        break;
      }
    }
    page.reply(next);
  }

  /// SCAN — Walks through the keys of the database, a few per call.
  static final Command SCAN =
      command(
          declare("SCAN")
              .group(Group.GENERIC)
              .since("2.8.0")
              .complexity("O(1) for each call, O(N) for a whole iteration, N = keys")
              .summary("Walks through the keys of the database, a few per call.")
              .arity(-2)
              .flags(READONLY, TOUCHES_ARBITRARY_KEYS)
              .args(
                  integer("cursor"),
                  pattern("pattern").token("MATCH").optional(),
                  integer("count").token("COUNT").optional(),
                  string("type").token("TYPE").since("6.0.0").optional())
              .replies(ReplyShape.array())
              .tips(NONDETERMINISTIC_OUTPUT, REQUEST_SPECIAL, RESPONSE_SPECIAL)
              .history("6.0.0", "Takes `TYPE`."),
          ScanCommands::scan);

  private static void scan(Call call) {
    long cursor = cursor(call, 1);
    Options options = options(call, 2, true);
    Page page = new Page(call, options);
    KeyFilter filter = new KeyFilter(call.db(), options, page);
    long next = cursor;
    long visits = options.visits();
    do {
      next = call.db().traversal().scanWithExpired(next, filter);
      filter.removeExpired();
    } while (next != 0 && --visits > 0 && page.seen < options.count());
    page.reply(next);
  }

  /// SSCAN — Walks through the members of a set, a few per call.
  static final Command SSCAN =
      command(
          declare("SSCAN")
              .group(Group.SET)
              .since("2.8.0")
              .complexity("O(1) for each call, O(N) for a whole iteration, N = members")
              .summary("Walks through the members of a set, a few per call.")
              .arity(-3)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  integer("cursor"),
                  pattern("pattern").token("MATCH").optional(),
                  integer("count").token("COUNT").optional())
              .replies(ReplyShape.array())
              .tips(NONDETERMINISTIC_OUTPUT),
          ScanCommands::sscan);

  private static void sscan(Call call) {
    long cursor = cursor(call, 2);
    long entry = call.db().read(call.arg(1), Type.SET);
    if (entry == 0) {
      nothing(call);
      return;
    }
    Options options = options(call, 3, false);
    Page page = new Page(call, options);
    long next = cursor;
    long visits = options.visits();
    while (visits-- > 0) {
      next = call.keyspace().sets().scan(entry, next, page::add);
      if (next == 0 || page.seen >= options.count()) {
        break;
      }
    }
    page.reply(next);
  }

  /// ZSCAN — Walks through members and scores, a few per call.
  static final Command ZSCAN =
      command(
          declare("ZSCAN")
              .group(Group.SORTED_SET)
              .since("2.8.0")
              .complexity("O(1) for each call, O(N) for a whole iteration, N = members")
              .summary("Walks through members and scores, a few per call.")
              .arity(-3)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  integer("cursor"),
                  pattern("pattern").token("MATCH").optional(),
                  integer("count").token("COUNT").optional())
              .replies(ReplyShape.array())
              .tips(NONDETERMINISTIC_OUTPUT),
          ScanCommands::zscan);

  private static void zscan(Call call) {
    long cursor = cursor(call, 2);
    long entry = call.db().read(call.arg(1), Type.ZSET);
    if (entry == 0) {
      nothing(call);
      return;
    }
    Options options = options(call, 3, false);
    Page page = new Page(call, options);
    long next = cursor;
    long visits = options.visits();
    while (visits-- > 0) {
      next = call.keyspace().sortedSets().scan(entry, next, page::add);
      if (next == 0 || page.seen >= options.count()) {
        break;
      }
    }
    page.reply(next);
  }

  /// The reply about a key that is not there, whatever the options are.
  private static void nothing(Call call) {
    call.reply().array(2);
    call.reply().bulk("0");
    call.reply().array(0);
  }

  private static long cursor(Call call, int argument) {
    String text = call.arg(argument).toString();
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException _) {
      throw INVALID_CURSOR;
    }
  }

  private static Options options(Call call, int first, boolean typed) {
    long count = DEFAULT_COUNT;
    Slice pattern = null;
    String type = null;
    for (int i = first; i < call.argc(); i += 2) {
      if (i + 1 == call.argc()) {
        throw ReplyError.SYNTAX;
      }
      if (call.is(i, "COUNT")) {
        count = call.integer(i + 1);
        if (count < 1) {
          throw ReplyError.SYNTAX;
        }
      } else if (call.is(i, "MATCH")) {
        pattern = call.is(i + 1, "*") ? null : call.arg(i + 1); // Which the empty key matches, too.
      } else if (typed && call.is(i, "TYPE")) {
        type = call.arg(i + 1).toString();
      } else {
        throw ReplyError.SYNTAX;
      }
    }
    return new Options(count, pattern, type);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "HSCAN SCAN SSCAN ZSCAN";

  public static List<Command> all() {
    return List.of(HSCAN, SCAN, SSCAN, ZSCAN);
  }
}
