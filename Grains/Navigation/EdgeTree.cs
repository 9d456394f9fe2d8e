using NetTopologySuite.Algorithm;
using NetTopologySuite.Geometries;

namespace DroneDelivery.Navigation;

/// <summary>
/// The edges of a polygon as a binary tree of boxes over edges that follow each other. A straight way visits only boxes that it passes through, whatever
/// the box around the whole way holds; that is what a general index, asked by boxes, cannot do for a long way along a long border.
/// </summary>
internal sealed class EdgeTree
{
    private const int EdgesPerLeaf = 8;

    private readonly Edge[] _edges;

    // A heap: the children of box n are 2n + 1 and 2n + 2; the last level holds the leaves, padded with empty boxes.
    private readonly Box[] _boxes;
    private readonly int _firstLeaf;

    /// <summary>Takes the edges of all rings.</summary>
    public EdgeTree(Polygon area)
    {
        _edges =
        [
            .. area.Holes.Prepend(area.Shell).SelectMany(ring => ring.Coordinates.Zip(
                ring.Coordinates.Skip(1), (from, to) => new Edge(from.X, from.Y, to.X, to.Y))),
        ];
        var leaves = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)((_edges.Length + EdgesPerLeaf - 1) / EdgesPerLeaf));
        _firstLeaf = leaves - 1;
        _boxes = new Box[(2 * leaves) - 1];
        Array.Fill(_boxes, Box.Empty);
        for (var i = 0; i < _edges.Length; i++)
        {
            ref var leaf = ref _boxes[_firstLeaf + (i / EdgesPerLeaf)];
            leaf = leaf.Around(_edges[i]);
        }

        for (var n = _firstLeaf - 1; n >= 0; n--) _boxes[n] = _boxes[(2 * n) + 1].Around(_boxes[(2 * n) + 2]);
    }

    /// <summary>Whether a straight way meets an edge, be it at an end.</summary>
    /// <param name="fromX">Longitude of its beginning.</param>
    /// <param name="fromY">Latitude of its beginning.</param>
    /// <param name="toX">Longitude of its end.</param>
    /// <param name="toY">Latitude of its end.</param>
    /// <param name="visited">Grows by the boxes looked at.</param>
    public bool IsMetBy(double fromX, double fromY, double toX, double toY, ref int visited) => IsMetBy(0, new(fromX, fromY, toX, toY), ref visited);

    private bool IsMetBy(int box, in Edge way, ref int visited)
    {
        visited++;
        if (!_boxes[box].IsMetBy(way)) return false;
        if (box < _firstLeaf) return IsMetBy((2 * box) + 1, way, ref visited) || IsMetBy((2 * box) + 2, way, ref visited);

        var first = (box - _firstLeaf) * EdgesPerLeaf;
        var last = Math.Min(first + EdgesPerLeaf, _edges.Length);
        for (var i = first; i < last; i++)
            if (_edges[i].Meets(way)) return true;
        return false;
    }

    private readonly record struct Edge(double X1, double Y1, double X2, double Y2)
    {
        // Two edges meet when each has its ends on both sides of the other, or one end lies on it; the signs are exact.
        public bool Meets(in Edge other)
        {
            if (Math.Max(X1, X2) < Math.Min(other.X1, other.X2) || Math.Max(other.X1, other.X2) < Math.Min(X1, X2)
                || Math.Max(Y1, Y2) < Math.Min(other.Y1, other.Y2) || Math.Max(other.Y1, other.Y2) < Math.Min(Y1, Y2)) return false;
            return Side(other.X1, other.Y1) * Side(other.X2, other.Y2) <= 0 && other.Side(X1, Y1) * other.Side(X2, Y2) <= 0;
        }

        private int Side(double x, double y) => CGAlgorithmsDD.OrientationIndex(X1, Y1, X2, Y2, x, y);
    }

    private readonly record struct Box(double West, double South, double East, double North)
    {
        public static Box Empty => new(double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity, double.NegativeInfinity);

        public Box Around(in Edge edge) => Around(new Box(
            Math.Min(edge.X1, edge.X2), Math.Min(edge.Y1, edge.Y2), Math.Max(edge.X1, edge.X2), Math.Max(edge.Y1, edge.Y2)));

        public Box Around(in Box other) =>
            new(Math.Min(West, other.West), Math.Min(South, other.South), Math.Max(East, other.East), Math.Max(North, other.North));

        // Boxes overlap, and the corners do not all lie clearly on one side of the way (separating axis).
        public bool IsMetBy(in Edge way)
        {
            if (Math.Max(way.X1, way.X2) < West || Math.Min(way.X1, way.X2) > East || Math.Max(way.Y1, way.Y2) < South || Math.Min(way.Y1, way.Y2) > North) return false;
            var (dx, dy) = (way.X2 - way.X1, way.Y2 - way.Y1);
            var (halfX, halfY) = ((East - West) / 2, (North - South) / 2);
            var across = (dx * (South + halfY - way.Y1)) - (dy * (West + halfX - way.X1));
            var reach = (Math.Abs(dx) * halfY) + (Math.Abs(dy) * halfX);
            return Math.Abs(across) <= reach + Slack;
        }

        // Square degrees: far above what rounding does, far below anything that matters.
        private const double Slack = 1e-10;
    }
}
