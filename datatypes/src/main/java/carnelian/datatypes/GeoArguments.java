package carnelian.datatypes;

import carnelian.engine.Call;
import carnelian.engine.ReplyError;
import carnelian.resp.Reply;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;

/// What the geo commands read and write in the same way: places, units, distances.
final class GeoArguments {
  private static final double KILOMETER = 1000;
  private static final double FOOT = 0.3048;
  private static final double MILE = 1609.34;
  private static final int DISTANCE_DIGITS = 4;
  private static final int ERROR_DIGITS = 6;

  private static final ReplyError UNSUPPORTED_UNIT =
      ReplyError.err("unsupported unit provided. please use M, KM, FT, MI");

  private GeoArguments() {}

  /// Checks that the arguments at `index` and behind it are a longitude and a latitude.
  static void checkPlace(Call call, int index) {
    double longitude = call.number(index);
    double latitude = call.number(index + 1);
    if (Math.abs(longitude) > GeoCell.MAX_LONGITUDE || Math.abs(latitude) > GeoCell.MAX_LATITUDE) {
      throw ReplyError.err(
          "invalid longitude,latitude pair " + fixed(longitude) + "," + fixed(latitude));
    }
  }

  /// How many meters the argument's unit has.
  static double unit(Call call, int index) {
    if (call.is(index, "M")) {
      return 1;
    }
    if (call.is(index, "KM")) {
      return KILOMETER;
    }
    if (call.is(index, "FT")) {
      return FOOT;
    }
    if (call.is(index, "MI")) {
      return MILE;
    }
    throw UNSUPPORTED_UNIT;
  }

  /// A distance with four digits behind the point.
  static void replyDistance(Reply reply, double distance) {
    reply.bulk(
        new BigDecimal(distance).setScale(DISTANCE_DIGITS, RoundingMode.HALF_EVEN).toPlainString());
  }

  static void replyPlace(Reply reply, double longitude, double latitude) {
    reply.array(2);
    replyDegrees(reply, longitude);
    replyDegrees(reply, latitude);
  }

  /// In RESP3 a double with the same digits, which are more than a double needs.
  private static void replyDegrees(Reply reply, double degrees) {
    String text = LongDouble.text(degrees);
    if (reply.isResp3()) {
      reply.raw(("," + text + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    } else {
      reply.bulk(text);
    }
  }

  /// As C's `%f`.
  private static String fixed(double number) {
    if (Double.isInfinite(number)) {
      return number > 0 ? "inf" : "-inf";
    }
    String sign = number < 0 || 1 / number < 0 ? "-" : "";
    BigDecimal magnitude = new BigDecimal(Math.abs(number));
    return sign + magnitude.setScale(ERROR_DIGITS, RoundingMode.HALF_EVEN).toPlainString();
  }
}
