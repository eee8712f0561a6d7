using Sparkish.Serialization.Closures;
using Sparkish.Serialization.Graphs;

namespace Sparkish.Tests.Closures;

/// <summary>That cleaning changes nothing of the user's, and that what is clean stays as it is.</summary>
internal static class Checks
{
    /// <summary>Prints a line for each shape that fails, and the number of shapes.</summary>
    public static int Run(IReadOnlyList<Shape> shapes)
    {
        foreach (var shape in shapes)
        {
            var before = ObjectPicture.Of(shape.Function);
            var cleaned = ClosureCleaner.Clean(shape.Function, "Map");
            if (!before.IsSameAs(ObjectPicture.Of(shape.Function))) Console.WriteLine($"{shape.Name}: the user's objects were changed");
            if (before.Objects != ObjectPicture.Of(shape.Function).Objects) Console.WriteLine($"{shape.Name}: the user's objects are other ones");

            var again = ClosureCleaner.Clean(cleaned, "Map");
            var once = ObjectSerializer.Serialize(cleaned);
            if (!once.AsSpan().SequenceEqual(ObjectSerializer.Serialize(again))) Console.WriteLine($"{shape.Name}: the second copy differs");
        }

        Console.WriteLine($"checked {shapes.Count} shapes");
        return 0;
    }
}
