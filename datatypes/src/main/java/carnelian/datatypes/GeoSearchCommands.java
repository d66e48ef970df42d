package carnelian.datatypes;

import static carnelian.command.Arg.block;
import static carnelian.command.Arg.integer;
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
import static carnelian.command.KeyFlag.OW;
import static carnelian.command.KeyFlag.RO;
import static carnelian.command.KeyFlag.UPDATE;
import static carnelian.command.KeySpec.at;
import static carnelian.command.KeySpec.first;
import static carnelian.command.KeySpec.keyword;
import static carnelian.engine.Command.command;

import carnelian.command.Group;
import carnelian.command.ReplyShape;
import carnelian.engine.Call;
import carnelian.engine.Command;
import carnelian.engine.ReplyError;
import carnelian.keyspace.KeyEvent;
import carnelian.keyspace.SortedSets;
import carnelian.keyspace.Type;
import carnelian.memory.Slice;
import java.util.Comparator;
import java.util.List;

/// Searches in geospatial indexes: GEOSEARCH and GEOSEARCHSTORE, and GEORADIUS, from which they
/// come.
public final class GeoSearchCommands {
  private static final int NO_ARGUMENT = 0;

  private static final ReplyError NO_MEMBER =
      ReplyError.err("could not decode requested zset member");
  private static final ReplyError COUNT_NOT_POSITIVE = ReplyError.err("COUNT must be > 0");
  private static final ReplyError ANY_WITHOUT_COUNT =
      ReplyError.err("the ANY argument requires COUNT argument");
  private static final ReplyError NOT_A_RADIUS = ReplyError.err("need numeric radius");
  private static final ReplyError NEGATIVE_RADIUS = ReplyError.err("radius cannot be negative");
  private static final ReplyError NOT_A_WIDTH = ReplyError.err("need numeric width");
  private static final ReplyError NOT_A_HEIGHT = ReplyError.err("need numeric height");
  private static final ReplyError NEGATIVE_BOX =
      ReplyError.err("height or width cannot be negative");

  private static final Comparator<GeoSearch.Place> NEAREST =
      Comparator.comparingDouble(GeoSearch.Place::distance);

  /// Which of the six commands it is.
  private enum Form {
    RADIUS,
    RADIUS_RO,
    MEMBER,
    MEMBER_RO,
    SEARCH,
    STORE;

    boolean isSearch() {
      return this == SEARCH || this == STORE;
    }

    boolean mayStore() {
      return this == RADIUS || this == MEMBER;
    }
  }

  private enum Order {
    NONE,
    ASC,
    DESC
  }

  /// What the arguments ask for.
  private static final class Query {
    final Form form;
    long set;
    double longitude;
    double latitude;
    double unit = 1;
    double width;
    double height;
    boolean fromMember;
    boolean fromPlace;
    boolean byRadius;
    boolean byBox;
    boolean withDistance;
    boolean withHash;
    boolean withPlace;
    boolean any;
    long count;
    Order order = Order.NONE;
    int storeArgument = NO_ARGUMENT;
    boolean storesDistance;

    Query(Form form) {
      this.form = form;
    }

    GeoShape shape() {
      return new GeoShape(longitude, latitude, byRadius, width * unit, height * unit);
    }

    int parts() {
      return (withDistance ? 1 : 0) + (withHash ? 1 : 0) + (withPlace ? 1 : 0);
    }
  }

  private GeoSearchCommands() {}

  /// GEORADIUS — Finds the places within a distance of a point, and may store them.
  static final Command GEORADIUS =
      command(
          declare("GEORADIUS")
              .group(Group.GEO)
              .since("3.2.0")
              .complexity("O(N+log(M)), N = members in the bounding box, M = members of the index")
              .summary("Finds the places within a distance of a point, and may store them.")
              .arity(-6)
              .flags(WRITE, DENYOOM)
              .keys(
                  first(RO, ACCESS),
                  keyword("STORE", 6, OW, UPDATE),
                  keyword("STOREDIST", 6, OW, UPDATE))
              .args(
                  key("key"),
                  number("longitude"),
                  number("latitude"),
                  number("radius"),
                  oneOf("unit", pureToken("M"), pureToken("KM"), pureToken("FT"), pureToken("MI")),
                  pureToken("WITHCOORD").optional(),
                  pureToken("WITHDIST").optional(),
                  pureToken("WITHHASH").optional(),
                  block(
                          "count-block",
                          integer("count").token("COUNT"),
                          pureToken("ANY").since("6.2.0").optional())
                      .optional(),
                  oneOf("order", pureToken("ASC"), pureToken("DESC")).optional(),
                  oneOf(
                          "store",
                          key("storekey").keySpec(1).token("STORE").displayed("key"),
                          key("storedistkey").keySpec(2).token("STOREDIST").displayed("key"))
                      .optional())
              .replies(ReplyShape.array(), ReplyShape.integer())
              .history("6.2.0", "`COUNT` takes `ANY`.")
              .history("7.0.0", "Takes units in capitals.")
              .deprecated("6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument"),
          GeoSearchCommands::georadius);

  private static void georadius(Call call) {
    run(call, Form.RADIUS);
  }

  /// GEORADIUS_RO — Finds the places within a distance of a point.
  static final Command GEORADIUS_RO =
      command(
          declare("GEORADIUS_RO")
              .group(Group.GEO)
              .since("3.2.10")
              .complexity("O(N+log(M)), N = members in the bounding box, M = members of the index")
              .summary("Finds the places within a distance of a point.")
              .arity(-6)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  number("longitude"),
                  number("latitude"),
                  number("radius"),
                  oneOf("unit", pureToken("M"), pureToken("KM"), pureToken("FT"), pureToken("MI")),
                  pureToken("WITHCOORD").optional(),
                  pureToken("WITHDIST").optional(),
                  pureToken("WITHHASH").optional(),
                  block(
                          "count-block",
                          integer("count").token("COUNT"),
                          pureToken("ANY").since("6.2.0").optional())
                      .optional(),
                  oneOf("order", pureToken("ASC"), pureToken("DESC")).optional())
              .replies(ReplyShape.array())
              .history("6.2.0", "`COUNT` takes `ANY`.")
              .deprecated("6.2.0", "`GEOSEARCH` with the `BYRADIUS` argument"),
          GeoSearchCommands::georadiusRo);

  private static void georadiusRo(Call call) {
    run(call, Form.RADIUS_RO);
  }

  /// GEORADIUSBYMEMBER — Finds the places within a distance of another, and may store them.
  static final Command GEORADIUSBYMEMBER =
      command(
          declare("GEORADIUSBYMEMBER")
              .group(Group.GEO)
              .since("3.2.0")
              .complexity("O(N+log(M)), N = members in the bounding box, M = members of the index")
              .summary("Finds the places within a distance of another, and may store them.")
              .arity(-5)
              .flags(WRITE, DENYOOM)
              .keys(
                  first(RO, ACCESS),
                  keyword("STORE", 5, OW, UPDATE),
                  keyword("STOREDIST", 5, OW, UPDATE))
              .args(
                  key("key"),
                  string("member"),
                  number("radius"),
                  oneOf("unit", pureToken("M"), pureToken("KM"), pureToken("FT"), pureToken("MI")),
                  pureToken("WITHCOORD").optional(),
                  pureToken("WITHDIST").optional(),
                  pureToken("WITHHASH").optional(),
                  block("count-block", integer("count").token("COUNT"), pureToken("ANY").optional())
                      .optional(),
                  oneOf("order", pureToken("ASC"), pureToken("DESC")).optional(),
                  oneOf(
                          "store",
                          key("storekey").keySpec(1).token("STORE").displayed("key"),
                          key("storedistkey").keySpec(2).token("STOREDIST").displayed("key"))
                      .optional())
              .replies(ReplyShape.array(), ReplyShape.integer())
              .history("7.0.0", "Takes units in capitals.")
              .deprecated(
                  "6.2.0",
                  "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and "
                      + "`FROMMEMBER` arguments"),
          GeoSearchCommands::georadiusbymember);

  private static void georadiusbymember(Call call) {
    run(call, Form.MEMBER);
  }

  /// GEORADIUSBYMEMBER_RO — Finds the places within a distance of another.
  static final Command GEORADIUSBYMEMBER_RO =
      command(
          declare("GEORADIUSBYMEMBER_RO")
              .group(Group.GEO)
              .since("3.2.10")
              .complexity("O(N+log(M)), N = members in the bounding box, M = members of the index")
              .summary("Finds the places within a distance of another.")
              .arity(-5)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  string("member"),
                  number("radius"),
                  oneOf("unit", pureToken("M"), pureToken("KM"), pureToken("FT"), pureToken("MI")),
                  pureToken("WITHCOORD").optional(),
                  pureToken("WITHDIST").optional(),
                  pureToken("WITHHASH").optional(),
                  block("count-block", integer("count").token("COUNT"), pureToken("ANY").optional())
                      .optional(),
                  oneOf("order", pureToken("ASC"), pureToken("DESC")).optional())
              .replies(ReplyShape.array())
              .deprecated("6.2.0", "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"),
          GeoSearchCommands::georadiusbymemberRo);

  private static void georadiusbymemberRo(Call call) {
    run(call, Form.MEMBER_RO);
  }

  /// GEOSEARCH — Finds the places inside a circle or a box.
  static final Command GEOSEARCH =
      command(
          declare("GEOSEARCH")
              .group(Group.GEO)
              .since("6.2.0")
              .complexity("O(N+log(M)), N = members in the bounding box, M = members of the index")
              .summary("Finds the places inside a circle or a box.")
              .arity(-7)
              .flags(READONLY)
              .keys(first(RO, ACCESS))
              .args(
                  key("key"),
                  oneOf(
                      "from",
                      string("member").token("FROMMEMBER"),
                      block("fromlonlat", number("longitude"), number("latitude"))
                          .token("FROMLONLAT")),
                  oneOf(
                      "by",
                      block(
                          "circle",
                          number("radius").token("BYRADIUS"),
                          oneOf(
                              "unit",
                              pureToken("M"),
                              pureToken("KM"),
                              pureToken("FT"),
                              pureToken("MI"))),
                      block(
                          "box",
                          number("width").token("BYBOX"),
                          number("height"),
                          oneOf(
                              "unit",
                              pureToken("M"),
                              pureToken("KM"),
                              pureToken("FT"),
                              pureToken("MI")))),
                  oneOf("order", pureToken("ASC"), pureToken("DESC")).optional(),
                  block("count-block", integer("count").token("COUNT"), pureToken("ANY").optional())
                      .optional(),
                  pureToken("WITHCOORD").optional(),
                  pureToken("WITHDIST").optional(),
                  pureToken("WITHHASH").optional())
              .replies(ReplyShape.array())
              .history("7.0.0", "Takes units in capitals."),
          GeoSearchCommands::geosearch);

  private static void geosearch(Call call) {
    run(call, Form.SEARCH);
  }

  /// GEOSEARCHSTORE — Stores the places inside a circle or a box.
  static final Command GEOSEARCHSTORE =
      command(
          declare("GEOSEARCHSTORE")
              .group(Group.GEO)
              .since("6.2.0")
              .complexity("O(N+log(M)), N = members in the bounding box, M = members of the index")
              .summary("Stores the places inside a circle or a box.")
              .arity(-8)
              .flags(WRITE, DENYOOM)
              .keys(first(OW, UPDATE), at(2, RO, ACCESS))
              .args(
                  key("destination"),
                  key("source").keySpec(1),
                  oneOf(
                      "from",
                      string("member").token("FROMMEMBER"),
                      block("fromlonlat", number("longitude"), number("latitude"))
                          .token("FROMLONLAT")),
                  oneOf(
                      "by",
                      block(
                          "circle",
                          number("radius").token("BYRADIUS"),
                          oneOf(
                              "unit",
                              pureToken("M"),
                              pureToken("KM"),
                              pureToken("FT"),
                              pureToken("MI"))),
                      block(
                          "box",
                          number("width").token("BYBOX"),
                          number("height"),
                          oneOf(
                              "unit",
                              pureToken("M"),
                              pureToken("KM"),
                              pureToken("FT"),
                              pureToken("MI")))),
                  oneOf("order", pureToken("ASC"), pureToken("DESC")).optional(),
                  block("count-block", integer("count").token("COUNT"), pureToken("ANY").optional())
                      .optional(),
                  pureToken("STOREDIST").optional())
              .replies(ReplyShape.integer())
              .history("7.0.0", "Takes units in capitals."),
          GeoSearchCommands::geosearchstore);

  private static void geosearchstore(Call call) {
    run(call, Form.STORE);
  }

  // ---- Arguments -------------------------------------------------------------------------------

  private static Query parse(Call call, Form form) {
    Query query = new Query(form);
    query.set = call.db().read(call.arg(form == Form.STORE ? 2 : 1), Type.ZSET);
    int options =
        switch (form) {
          case RADIUS, RADIUS_RO -> {
            fromPlace(call, query, 2);
            byRadius(call, query, 4);
            yield 6;
          }
          case MEMBER, MEMBER_RO -> {
            query.byRadius = true;
            if (query.set != 0) {
              fromMember(call, query, 2);
              byRadius(call, query, 3);
            }
            yield 5;
          }
          case SEARCH -> 2;
          case STORE -> {
            query.storeArgument = 1;
            yield 3;
          }
        };
    for (int i = options; i < call.argc(); ) {
      i += option(call, query, i);
    }
    check(call, query);
    return query;
  }

  /// Reads the option at `i` and returns how many arguments it takes.
  private static int option(Call call, Query query, int i) {
    int behind = call.argc() - i - 1;
    if (call.is(i, "WITHDIST")) {
      query.withDistance = true;
    } else if (call.is(i, "WITHHASH")) {
      query.withHash = true;
    } else if (call.is(i, "WITHCOORD")) {
      query.withPlace = true;
    } else if (call.is(i, "ANY")) {
      query.any = true;
    } else if (call.is(i, "ASC")) {
      query.order = Order.ASC;
    } else if (call.is(i, "DESC")) {
      query.order = Order.DESC;
    } else if (call.is(i, "COUNT") && behind >= 1) {
      query.count = call.integer(i + 1);
      if (query.count <= 0) {
        throw COUNT_NOT_POSITIVE;
      }
      return 2;
    } else {
      return query.form.isSearch()
          ? searchOption(call, query, i, behind)
          : storeOption(call, query, i, behind);
    }
    return 1;
  }

  private static int storeOption(Call call, Query query, int i, int behind) {
    boolean distances = call.is(i, "STOREDIST");
    if (!query.form.mayStore() || behind < 1 || !(distances || call.is(i, "STORE"))) {
      throw ReplyError.SYNTAX;
    }
    query.storeArgument = i + 1;
    query.storesDistance = distances;
    return 2;
  }

  private static int searchOption(Call call, Query query, int i, int behind) {
    if (call.is(i, "FROMMEMBER") && behind >= 1 && !query.fromPlace) {
      fromMember(call, query, i + 1);
      return 2;
    }
    if (call.is(i, "FROMLONLAT") && behind >= 2 && !query.fromMember) {
      fromPlace(call, query, i + 1);
      return 3;
    }
    if (call.is(i, "BYRADIUS") && behind >= 2 && !query.byBox) {
      byRadius(call, query, i + 1);
      return 3;
    }
    if (call.is(i, "BYBOX") && behind >= 3 && !query.byRadius) {
      byBox(call, query, i + 1);
      return 4;
    }
    if (call.is(i, "STOREDIST") && query.form == Form.STORE) {
      query.storesDistance = true;
      return 1;
    }
    throw ReplyError.SYNTAX;
  }

  private static void fromPlace(Call call, Query query, int index) {
    GeoArguments.checkPlace(call, index);
    query.longitude = call.number(index);
    query.latitude = call.number(index + 1);
    query.fromPlace = true;
  }

  /// Without a sorted set there is no member either, but the other arguments are still checked.
  private static void fromMember(Call call, Query query, int index) {
    query.fromMember = true;
    if (query.set == 0) {
      return;
    }
    double score = call.keyspace().sortedSets().score(query.set, call.arg(index));
    if (Double.isNaN(score)) {
      throw NO_MEMBER;
    }
    GeoCell place = GeoCell.ofScore(score);
    query.longitude = place.longitude();
    query.latitude = place.latitude();
  }

  private static void byRadius(Call call, Query query, int index) {
    query.width = call.number(index, NOT_A_RADIUS);
    if (query.width < 0) {
      throw NEGATIVE_RADIUS;
    }
    query.height = query.width;
    query.unit = GeoArguments.unit(call, index + 1);
    query.byRadius = true;
  }

  private static void byBox(Call call, Query query, int index) {
    query.width = call.number(index, NOT_A_WIDTH);
    query.height = call.number(index + 1, NOT_A_HEIGHT);
    if (query.width < 0 || query.height < 0) {
      throw NEGATIVE_BOX;
    }
    query.unit = GeoArguments.unit(call, index + 2);
    query.byBox = true;
  }

  private static void check(Call call, Query query) {
    if (query.storeArgument != NO_ARGUMENT && query.parts() > 0) {
      throw ReplyError.err(
          (query.form == Form.STORE ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS")
              + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
    }
    if (query.form.isSearch() && !query.fromMember && !query.fromPlace) {
      throw ReplyError.err(
          "exactly one of FROMMEMBER or FROMLONLAT can be specified for " + call.arg(0));
    }
    if (query.form.isSearch() && !query.byRadius && !query.byBox) {
      throw ReplyError.err("exactly one of BYRADIUS and BYBOX can be specified for " + call.arg(0));
    }
    if (query.any && query.count == 0) {
      throw ANY_WITHOUT_COUNT;
    }
  }

  // ---- Answers ---------------------------------------------------------------------------------

  private static void run(Call call, Form form) {
    Query query = parse(call, form);
    if (query.set == 0) {
      if (query.storeArgument == NO_ARGUMENT) {
        call.reply().array(0);
      } else {
        call.db().deleteTarget(call.arg(query.storeArgument));
        call.reply().integer(0);
      }
      return;
    }
    SortedSets sets = call.keyspace().sortedSets();
    List<GeoSearch.Place> places =
        GeoSearch.find(
            sets, query.set, query.shape(), query.any ? query.count : 0, call.javaHeap());
    // So many of them without an order would be any; so it is the nearest.
    boolean nearest = query.order == Order.NONE && query.count > 0 && !query.any;
    if (query.order == Order.ASC || nearest) {
      places.sort(NEAREST);
    } else if (query.order == Order.DESC) {
      places.sort(NEAREST.reversed());
    }
    int count = (int) (query.count == 0 ? places.size() : Math.min(query.count, places.size()));
    if (query.storeArgument == NO_ARGUMENT) {
      reply(call, query, places.subList(0, count));
    } else {
      store(call, query, places.subList(0, count));
    }
  }

  private static void reply(Call call, Query query, List<GeoSearch.Place> places) {
    call.reply().array(places.size());
    for (GeoSearch.Place place : places) {
      if (query.parts() > 0) {
        call.reply().array(query.parts() + 1);
      }
      Elements.bulk(call.reply(), place.member());
      if (query.withDistance) {
        GeoArguments.replyDistance(call.reply(), place.distance() / query.unit);
      }
      if (query.withHash) {
        call.reply().integer((long) place.score());
      }
      if (query.withPlace) {
        GeoArguments.replyPlace(call.reply(), place.longitude(), place.latitude());
      }
    }
  }

  private static void store(Call call, Query query, List<GeoSearch.Place> places) {
    SortedSets sets = call.keyspace().sortedSets();
    long result = sets.detached();
    for (GeoSearch.Place place : places) {
      Slice member = call.keyspace().scratch().first(place.member());
      double score = query.storesDistance ? place.distance() / query.unit : place.score();
      sets.add(call.db(), result, member, score);
    }
    SortedSetAlgebraCommands.store(
        call,
        call.arg(query.storeArgument),
        result,
        query.form.isSearch() ? KeyEvent.GEOSEARCHSTORE : KeyEvent.GEORADIUSSTORE);
  }

  /// The commands of [#all], in that order, for [carnelian.engine.CommandFamily].
  static final String NAMES =
      "GEORADIUS GEORADIUS_RO GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEOSEARCH " + "GEOSEARCHSTORE";

  public static List<Command> all() {
    return List.of(
        GEORADIUS,
        GEORADIUS_RO,
        GEORADIUSBYMEMBER,
        GEORADIUSBYMEMBER_RO,
        GEOSEARCH,
        GEOSEARCHSTORE);
  }
}
