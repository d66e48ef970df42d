package carnelian.datatypes;

import carnelian.engine.JavaHeapBudget;
import carnelian.keyspace.SortedSetCursor;
import carnelian.keyspace.SortedSets;
import carnelian.structures.Element;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds the places inside a shape. The cell that the middle is in and its eight neighbours cover
/// the shape; the members of a cell are a range of scores, since they share the first bits of their
/// geohashes.
final class GeoSearch {
  /// A member that was found; valid as long as the sorted set does not change.
  record Place(Element member, double score, double longitude, double latitude, double distance) {}

  /// So many places more are found until the budget is asked again.
  private static final int BUDGETED = 1024;

  private final JavaHeapBudget budget;
  private final SortedSets sets;
  private final long set;
  private final GeoShape shape;
  private final long limit;
  private final List<Place> found = new ArrayList<>();

  private GeoSearch(SortedSets sets, long set, GeoShape shape, long limit, JavaHeapBudget budget) {
    this.budget = budget;
    this.sets = sets;
    this.set = set;
    this.shape = shape;
    this.limit = limit;
  }

  /// The places in the shape; the search ends when it has `limit` of them, unless that is 0. Cell
  /// by cell in Redis's order, which clients see when they ask for none. An error reply if they are
  /// more than the budget allows.
  static List<Place> find(
      SortedSets sets, long set, GeoShape shape, long limit, JavaHeapBudget budget) {
    GeoSearch search = new GeoSearch(sets, set, shape, limit, budget);
    GeoCell before = null;
    for (GeoCell cell : cells(shape)) {
      // Of a very large shape neighbours may be the same.
      if (cell == null || cell.equals(before)) {
        continue;
      }
      if (search.isFull()) {
        break;
      }
      search.searchCell(cell);
      before = cell;
    }
    return search.found;
  }

  private boolean isFull() {
    return limit > 0 && found.size() >= limit;
  }

  private void searchCell(GeoCell cell) {
    double end = (double) cell.endScore();
    SortedSetCursor each = sets.members();
    each.startAscending(set, sets.countBelow(set, (double) cell.score(), false));
    while (each.next() && each.score() < end) {
      GeoCell place = GeoCell.ofScore(each.score());
      double longitude = place.longitude();
      double latitude = place.latitude();
      double distance = shape.distanceInside(longitude, latitude);
      if (distance < 0) {
        continue;
      }
      Element member = new Element().set(each.member());
      found.add(new Place(member, each.score(), longitude, latitude, distance));
      if (found.size() % BUDGETED == 0) {
        budget.check(4L * JavaHeapBudget.OBJECT_BYTES * (found.size() + BUDGETED));
      }
      if (isFull()) {
        break;
      }
    }
  }

  /// The middle's cell, north, south, east, west, and the corners; null for those that have nothing
  /// of the shape.
  private static @Nullable GeoCell[] cells(GeoShape shape) {
    int step = shape.step();
    GeoCell middle = GeoCell.at(shape.longitude(), shape.latitude(), step);
    if (step > 1 && !isCovered(shape, middle)) {
      step--;
      middle = GeoCell.at(shape.longitude(), shape.latitude(), step);
    }
    boolean all = step < 2;
    boolean north = all || middle.north() <= shape.north();
    boolean south = all || middle.south() >= shape.south();
    boolean east = all || middle.east() <= shape.east();
    boolean west = all || middle.west() >= shape.west();
    return new @Nullable GeoCell[] {
      middle,
      north ? middle.neighbour(0, 1) : null,
      south ? middle.neighbour(0, -1) : null,
      east ? middle.neighbour(1, 0) : null,
      west ? middle.neighbour(-1, 0) : null,
      north && east ? middle.neighbour(1, 1) : null,
      north && west ? middle.neighbour(-1, 1) : null,
      south && east ? middle.neighbour(1, -1) : null,
      south && west ? middle.neighbour(-1, -1) : null
    };
  }

  /// Whether the shape ends within the neighbours.
  private static boolean isCovered(GeoShape shape, GeoCell middle) {
    return middle.neighbour(0, 1).north() >= shape.north()
        && middle.neighbour(0, -1).south() <= shape.south()
        && middle.neighbour(1, 0).east() >= shape.east()
        && middle.neighbour(-1, 0).west() <= shape.west();
  }
}
