namespace Sparkish.Serialization.Rows.Records;

/// <summary>The members one after the other; behind a byte in front if it is a class.</summary>
internal sealed record RecordForm(RecordShape Shape) : CodecForm;
