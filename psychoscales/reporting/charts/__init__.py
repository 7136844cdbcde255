"""Pictures of a report, drawn as SVG from plain arrays: positions across in percent, so that the
letters keep their size on a narrow screen."""
