package carnelian.datatypes;

/// The circle or the box around a place that a geo search looks into. Lengths are in meters.
///
/// @param width of the box, or the circle's radius
/// @param height of the box, or the circle's radius
record GeoShape(double longitude, double latitude, boolean circle, double width, double height) {
  /// Of a sphere as large as WGS 84's ellipsoid, by quadratic mean.
  private static final double EARTH_RADIUS = 6372797.560856;

  /// Half the equator in the Mercator projection.
  private static final double MERCATOR_MAX = 20037726.37;

  private static final double RADIANS = Math.PI / 180;

  /// No place in the shape is further away than this; what is, need not be looked at.
  double reach() {
    return circle ? width : Math.sqrt(width / 2 * (width / 2) + height / 2 * (height / 2));
  }

  /// The place's distance from the middle, or -1 if it is outside.
  double distanceInside(double placeLongitude, double placeLatitude) {
    if (!circle
        && (latitudeDistance(placeLatitude, latitude) > height / 2
            || distance(placeLongitude, placeLatitude, longitude, placeLatitude) > width / 2)) {
      return -1;
    }
    double distance = distance(longitude, latitude, placeLongitude, placeLatitude);
    return circle && distance > width ? -1 : distance;
  }

  /// How fine the grid is in which the cell of the middle and its neighbours hold the shape, or
  /// nearly: see [GeoSearch].
  int step() {
    double range = reach();
    if (range == 0) {
      return GeoCell.MAX_STEP;
    }
    int step = -1;
    for (; range < MERCATOR_MAX; range *= 2) {
      step++;
    }
    double north = Math.abs(latitude);
    // Towards the poles columns are narrower.
    if (north > 66) {
      step--;
    }
    if (north > 80) {
      step--;
    }
    return Math.clamp(step, 1, GeoCell.MAX_STEP);
  }

  double north() {
    return latitude + latitudeReach();
  }

  double south() {
    return latitude - latitudeReach();
  }

  double east() {
    return longitude + longitudeReach();
  }

  double west() {
    return longitude - longitudeReach();
  }

  private double latitudeReach() {
    return (circle ? height : height / 2) / EARTH_RADIUS / RADIANS;
  }

  /// Where the shape is widest: at its side towards the pole.
  private double longitudeReach() {
    double widest = latitude < 0 ? south() : north();
    return (circle ? width : width / 2) / EARTH_RADIUS / Math.cos(widest * RADIANS) / RADIANS;
  }

  /// The way over the sphere, by the haversine formula.
  static double distance(double longitude1, double latitude1, double longitude2, double latitude2) {
    double v = Math.sin((longitude2 * RADIANS - longitude1 * RADIANS) / 2);
    if (v == 0) {
      return latitudeDistance(latitude1, latitude2);
    }
    double from = latitude1 * RADIANS;
    double to = latitude2 * RADIANS;
    double u = Math.sin((to - from) / 2);
    double a = u * u + Math.cos(from) * Math.cos(to) * v * v;
    return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(a));
  }

  private static double latitudeDistance(double latitude1, double latitude2) {
    return EARTH_RADIUS * Math.abs(latitude2 * RADIANS - latitude1 * RADIANS);
  }
}
