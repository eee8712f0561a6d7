namespace Sparkish.Serialization;

/// <summary>The byte that says whether a value follows.</summary>
internal static class Presence
{
    public static bool Read(ref ByteReader reader) => reader.ReadByte() switch
    {
        0 => false,
        1 => true,
        var other => throw new SerializationException($"{other} was found where 0 (null) or 1 (a value) is expected."),
    };
}
