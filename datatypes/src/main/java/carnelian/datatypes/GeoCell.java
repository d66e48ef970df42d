package carnelian.datatypes;

/// A cell of the grid that cuts the world in 2^step columns and rows, and its geohash: the bits of
/// its row and column, interleaved. With [#MAX_STEP] steps a geohash has 52 bits, and so is exact
/// as a score.
///
/// Latitudes reach as far as the Mercator projection does. A place on the last meridian or parallel
/// is in a column or row of its own behind the grid, as in Redis.
record GeoCell(int step, long column, long row) {
  static final int MAX_STEP = 26;
  static final double MAX_LONGITUDE = 180;
  static final double MAX_LATITUDE = 85.05112878;

  private static final double TWO_TO_63 = 0x1p63;
  private static final long EVEN_BITS = 0x5555555555555555L;

  /// The cell that a place is in.
  static GeoCell at(double longitude, double latitude, int step) {
    return at(longitude, latitude, step, MAX_LATITUDE);
  }

  /// The cell in a grid whose latitudes end elsewhere: 90° for geohashes as others write them.
  static GeoCell at(double longitude, double latitude, int step, double maxLatitude) {
    double columns = (longitude + MAX_LONGITUDE) / (2 * MAX_LONGITUDE) * (1L << step);
    double rows = (latitude + maxLatitude) / (2 * maxLatitude) * (1L << step);
    return new GeoCell(step, (long) columns, (long) rows);
  }

  /// The finest cell, of a score.
  static GeoCell ofScore(double score) {
    long bits = bitsOf(score);
    return new GeoCell(MAX_STEP, gathered(bits >>> 1), gathered(bits));
  }

  /// The score as an unsigned number of 64 bits. Any sorted set may be asked for places; what comes
  /// of a score that is no geohash is what Redis's machines make of it.
  private static long bitsOf(double score) {
    if (score < TWO_TO_63) {
      return (long) score;
    }
    double rest = score - TWO_TO_63;
    return rest < TWO_TO_63 ? (long) rest ^ Long.MIN_VALUE : 0;
  }

  /// The geohash, shifted to 52 bits: the least score of a place in the cell.
  long score() {
    return bits() << 2 * (MAX_STEP - step);
  }

  /// The score behind those of all places in the cell.
  long endScore() {
    return bits() + 1 << 2 * (MAX_STEP - step);
  }

  private long bits() {
    return spread(row) | spread(column) << 1;
  }

  /// The cell so many columns to the east and rows to the north; the world is round in both ways.
  GeoCell neighbour(int east, int north) {
    long mask = (1L << step) - 1;
    return new GeoCell(
        step, east == 0 ? column : column + east & mask, north == 0 ? row : row + north & mask);
  }

  double west() {
    return edge(column, MAX_LONGITUDE);
  }

  double east() {
    return edge(column + 1, MAX_LONGITUDE);
  }

  double south() {
    return edge(row, MAX_LATITUDE);
  }

  double north() {
    return edge(row + 1, MAX_LATITUDE);
  }

  private double edge(long index, double max) {
    return -max + (double) index / (1L << step) * (2 * max);
  }

  /// Of the cell's middle.
  double longitude() {
    return Math.clamp((west() + east()) / 2, -MAX_LONGITUDE, MAX_LONGITUDE);
  }

  double latitude() {
    return Math.clamp((south() + north()) / 2, -MAX_LATITUDE, MAX_LATITUDE);
  }

  /// Puts the low 32 bits into the even places.
  private static long spread(long bits) {
    long x = bits & 0xffffffffL;
    x = (x | x << 16) & 0x0000ffff0000ffffL;
    x = (x | x << 8) & 0x00ff00ff00ff00ffL;
    x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fL;
    x = (x | x << 2) & 0x3333333333333333L;
    return (x | x << 1) & EVEN_BITS;
  }

  /// Undoes [#spread].
  private static long gathered(long spread) {
    long x = spread & EVEN_BITS;
    x = (x | x >>> 1) & 0x3333333333333333L;
    x = (x | x >>> 2) & 0x0f0f0f0f0f0f0f0fL;
    x = (x | x >>> 4) & 0x00ff00ff00ff00ffL;
    x = (x | x >>> 8) & 0x0000ffff0000ffffL;
    return (x | x >>> 16) & 0xffffffffL;
  }
}
