namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>A codec of ours: its schema is composed of those of its parts.</summary>
internal abstract class BuiltInCodec<T> : Codec<T>
{
    private string? _schema;

    public sealed override string Schema => _schema ??= SchemaText.Of(this);

    internal abstract override void Describe(SchemaText text);
}
