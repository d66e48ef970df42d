/// The figures of INFO as a page in the OpenMetrics text format. Knows names, types and labels;
/// where figures come from and how the page is served is its user's business.
@NullMarked
package carnelian.server.metrics;

import org.jspecify.annotations.NullMarked;
