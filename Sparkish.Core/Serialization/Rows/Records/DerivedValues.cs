using Sparkish.Serialization.Graphs;

namespace Sparkish.Serialization.Rows.Records;

/// <summary>Reads values that were written as a graph because their type derives from the declared one.</summary>
internal static class DerivedValues
{
    public static T Read<T>(ref ByteReader reader) where T : class => ObjectSerializer.Read<T?>(ref reader) switch
    {
        { } value when value.GetType() != typeof(T) => value,
        var other => throw new SerializationException(
            $"The input holds a {other?.GetType().ToString() ?? "null"} where a type that derives from {typeof(T)} is expected."),
    };
}
