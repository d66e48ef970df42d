package carnelian.keyspace;

/// Scores as text, which is what a listpack holds of a score that is no integer. Any text that C's
/// `strtod` reads back as the same double will do for Redis; this is the shortest one.
public final class Scores {
  private Scores() {}

  static String format(double score) {
    if (Double.isInfinite(score)) {
      return score > 0 ? "inf" : "-inf";
    }
    return Double.toString(score);
  }

  /// The score, or NaN if the text is none: the caller has checked what came from outside.
  public static double parse(String text) {
    return switch (text) {
      case "inf", "+inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> parseFinite(text);
    };
  }

  private static double parseFinite(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException _) {
      return Double.NaN; // What is no number has no other sign here.
    }
  }
}
