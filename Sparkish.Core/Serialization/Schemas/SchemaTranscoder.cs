namespace Sparkish.Serialization.Schemas;

/// <summary>Converts bytes written by an earlier or later version of a type to the current version. One instance serves all threads.</summary>
internal sealed class SchemaTranscoder
{
    private readonly Transcoding _plan;

    private SchemaTranscoder(Transcoding plan) => _plan = plan;

    /// <summary>Prepares the conversion.</summary>
    /// <param name="stored">The schema that the bytes were written with.</param>
    /// <param name="name">The name of the type, for errors.</param>
    /// <typeparam name="T">The type as it is.</typeparam>
    /// <exception cref="SerializationException">
    /// The schema is not valid, or the stored value cannot be converted to a <typeparamref name="T"/>; the message names the member and both types.
    /// </exception>
    public static SchemaTranscoder Make<T>(string stored, string name) =>
        new(new SchemaResolver().Resolve(SchemaParser.Parse(stored), SchemaParser.Parse(Codec.For<T>().Schema), typeof(T), name));

    /// <summary>Transcodes one value, which takes all of the input.</summary>
    /// <exception cref="SerializationException">The bytes do not match the schema.</exception>
    public void Transcode(ReadOnlySpan<byte> stored, ByteWriter output, SerializationContext? context)
    {
        var input = new SchemaInput(stored, context);
        _plan.Run(ref input, output);
        if (input.Remaining > 0) throw new SerializationException($"{input.Remaining} bytes remain after the value.");
    }
}
