namespace Sparkish.Serialization.Rows.Records;

/// <summary>The members one after the other, preceded by a byte for a class.</summary>
internal sealed record RecordForm(RecordShape Shape) : CodecForm;
