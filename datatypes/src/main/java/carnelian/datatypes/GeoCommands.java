package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.key;
import static carnelian.command.Arg.number;
import static carnelian.command.Arg.oneOf;
import static carnelian.command.Arg.pureToken;
import static carnelian.command.Arg.string;
import static carnelian.command.CommandFlag.DENYOOM;
import static carnelian.command.CommandFlag.READONLY;
import static carnelian.command.CommandFlag.WRITE;
import static carnelian.command.Declaration.declare;
import static carnelian.command.KeyFlag.ACCESS;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.RW;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.first;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.Effect;
import carnelian.engine.ReplyError;
import carnelian.keyspace.Database;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.SortedSets;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.List;

/// Geospatial indexes: sorted sets whose scores are geohashes. Searches are in [GeoSearchCommands].
public final class GeoCommands {
  /// Of geohashes as others write them, from which Redis's differ in where latitudes end.
  private static final double STANDARD_MAX_LATITUDE = 90;

  private static final String GEOHASH_DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz";
  private static final int GEOHASH_LENGTH = 11;
  private static final int GEOHASH_BITS = 52;
  private static final int DIGIT_BITS = 5;

  private GeoCommands() {}

  /// GEOADD — Adds places to a geospatial index.
  static final Command GEOADD =
      command(
          declare("GEOADD")
              .group(Group.GEO)
              .since("3.2.0")
              .complexity("O(log(N)) for each place, N = members")
              .summary("Adds places to a geospatial index.")
              .arity(-5)
              .flags(WRITE, DENYOOM)
              .keys(first(RW, UPDATE))
              .args(
                  key("key"),
                  oneOf("condition", pureToken("NX"), pureToken("XX")).since("6.2.0").optional(),
                  pureToken("change", "CH").since("6.2.0").optional(),
                  block("data", number("longitude"), number("latitude"), string("member"))
                      .multiple())
              .replies(ReplyShape.integer())
              .history("6.2.0", "Takes `CH`, `NX` and `XX`."),
          GeoCommands::geoadd);

  private static void geoadd(Call call) {
    boolean nx = false;
    boolean xx = false;
    boolean changed = false;
    int first = 2;
    for (; first < call.argc(); first++) {
      if (call.is(first, "NX")) {
        nx = true;
      } else if (call.is(first, "XX")) {
        xx = true;
      } else if (call.is(first, "CH")) {
        changed = true;
      } else {
        break;
      }
    }
    int numbers = call.argc() - first;
    if (numbers == 0 || numbers % 3 != 0 || (nx && xx)) {
      throw ReplyError.SYNTAX;
    }
    for (int i = first; i < call.argc(); i += 3) {
      GeoArguments.checkPlace(call, i);
    }
    int[] counts = addAll(call, first, nx, xx);
    if (counts[0] + counts[1] > 0) {
      call.changed(call.arg(1), KeyEvent.ZADD, counts[0] + counts[1]);
      replicate(call, first);
    }
    call.reply().integer(changed ? counts[0] + counts[1] : counts[0]);
  }

  /// Returns how many members were added and how many were moved.
  private static int[] addAll(Call call, int first, boolean nx, boolean xx) {
    int[] counts = new int[2];
    Slice key = call.arg(1);
    Database db = call.db();
    SortedSets sets = call.keyspace().sortedSets();
    long set = db.write(key, Type.ZSET);
    if (set == 0 && xx) {
      return counts;
    }
    if (set == 0) {
      set = sets.create(db, key, call.arg(first + 2).length);
    }
    for (int i = first; i < call.argc(); i += 3) {
      Slice member = call.arg(i + 2);
      double old = sets.score(set, member);
      double score = score(call, i);
      boolean isNew = Double.isNaN(old);
      if (old != score && !(isNew ? xx : nx)) {
        sets.add(db, set, member, score);
        counts[isNew ? 0 : 1]++;
      }
    }
    return counts;
  }

  /// As ZADD, so that copies need not compute geohashes.
  private static void replicate(Call call, int first) {
    Effect zadd = call.replicateAs("ZADD");
    for (int i = 1; i < first; i++) {
      zadd.arg(call.arg(i));
    }
    for (int i = first; i < call.argc(); i += 3) {
      zadd.arg((long) score(call, i)).arg(call.arg(i + 2));
    }
  }

  private static double score(Call call, int place) {
    return GeoCell.at(call.number(place), call.number(place + 1), GeoCell.MAX_STEP).score();
  }

  /// GEODIST — Replies with the distance between two places.
  static final Command GEODIST =
      command(
          declare("GEODIST")
              .group(Group.GEO)
              .since("3.2.0")
              .complexity("O(1)")
              .summary("Replies with the distance between two places.")
              .arity(-4)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  string("member1"),
                  string("member2"),
                  oneOf("unit", pureToken("M"), pureToken("KM"), pureToken("FT"), pureToken("MI"))
                      .optional())
              .replies(ReplyShape.nil(), ReplyShape.bulk()),
          GeoCommands::geodist);

  private static void geodist(Call call) {
    if (call.argc() > 5) {
      throw ReplyError.SYNTAX;
    }
    double unit = call.argc() == 5 ? GeoArguments.unit(call, 4) : 1;
    long set = call.db().read(call.arg(1), Type.ZSET);
    SortedSets sets = call.keyspace().sortedSets();
    double from = set == 0 ? Double.NaN : sets.score(set, call.arg(2));
    double to = set == 0 ? Double.NaN : sets.score(set, call.arg(3));
    if (Double.isNaN(from) || Double.isNaN(to)) {
      call.reply().nil();
      return;
    }
    GeoCell one = GeoCell.ofScore(from);
    GeoCell other = GeoCell.ofScore(to);
    double meters =
        GeoShape.distance(one.longitude(), one.latitude(), other.longitude(), other.latitude());
    GeoArguments.replyDistance(call.reply(), meters / unit);
  }

  /// GEOHASH — Replies with the geohashes of places.
  static final Command GEOHASH =
      command(
          declare("GEOHASH")
              .group(Group.GEO)
              .since("3.2.0")
              .complexity("O(1) for each member requested")
              .summary("Replies with the geohashes of places.")
              .arity(-2)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"), string("member").multiple().optional())
              .replies(ReplyShape.array()),
          GeoCommands::geohash);

  private static void geohash(Call call) {
    long set = call.db().read(call.arg(1), Type.ZSET);
    call.reply().array(call.argc() - 2);
    for (int i = 2; i < call.argc(); i++) {
      double score = score(call, set, i);
      if (Double.isNaN(score)) {
        call.reply().nil();
      } else {
        call.reply().bulk(geohash(GeoCell.ofScore(score)));
      }
    }
  }

  /// The score of an argument's member, or NaN.
  private static double score(Call call, long set, int index) {
    return set == 0 ? Double.NaN : call.keyspace().sortedSets().score(set, call.arg(index));
  }

  /// Eleven digits, of which the last is always 0: there are no more than 52 bits.
  private static String geohash(GeoCell place) {
    long bits =
        GeoCell.at(place.longitude(), place.latitude(), GeoCell.MAX_STEP, STANDARD_MAX_LATITUDE)
            .score();
    StringBuilder text = new StringBuilder(GEOHASH_LENGTH);
    for (int i = 1; i < GEOHASH_LENGTH; i++) {
      int digit = (int) (bits >>> (GEOHASH_BITS - i * DIGIT_BITS)) & ((1 << DIGIT_BITS) - 1);
      text.append(GEOHASH_DIGITS.charAt(digit));
    }
    return text.append('0').toString();
  }

  /// GEOPOS — Replies with the longitude and latitude of places.
  static final Command GEOPOS =
      command(
          declare("GEOPOS")
              .group(Group.GEO)
              .since("3.2.0")
              .complexity("O(1) for each member requested")
              .summary("Replies with the longitude and latitude of places.")
              .arity(-2)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(key("key"), string("member").multiple().optional())
              .replies(ReplyShape.array()),
          GeoCommands::geopos);

  private static void geopos(Call call) {
    long set = call.db().read(call.arg(1), Type.ZSET);
    call.reply().array(call.argc() - 2);
    for (int i = 2; i < call.argc(); i++) {
      double score = score(call, set, i);
      if (Double.isNaN(score)) {
        call.reply().nilArray();
      } else {
        GeoCell place = GeoCell.ofScore(score);
        GeoArguments.replyPlace(call.reply(), place.longitude(), place.latitude());
      }
    }
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES = "GEOADD GEODIST GEOHASH GEOPOS";

  public static List<Command> all() {
    return List.of(GEOADD, GEODIST, GEOHASH, GEOPOS);
  }
}
