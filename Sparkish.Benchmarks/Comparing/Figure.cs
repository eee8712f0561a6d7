using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sparkish.Benchmarks.Comparing;

/// <summary>One figure of a comparison, as a person reads it in the table and a program as a JSON line.</summary>
/// <param name="Name">Such as <c>compare.wordcount</c>.</param>
/// <param name="Value">Ours, in <paramref name="Unit"/>.</param>
/// <param name="Unit"><c>s</c>, <c>ns</c>, <c>B</c>, <c>1/s</c> or <c>B/s</c>.</param>
/// <param name="Baseline">The peer's.</param>
/// <param name="BaselineName">The peer and its version.</param>
/// <param name="Ratio">How many times better ours is: above 1 is good.</param>
/// <param name="Check">Our check value.</param>
/// <param name="BaselineCheck">The peer's check value; a figure is only made where the two are the same.</param>
internal sealed record Figure(
    string Name, double Value, string Unit, double Baseline, string BaselineName, double Ratio, string Check, string BaselineCheck)
{
    private static readonly JsonSerializerOptions LineOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new RoundedConverter() },
    };

    /// <summary>A figure where less is better (seconds, bytes) or, in counts or bytes a second, more is.</summary>
    public static Figure Of(string name, double value, string unit, double baseline, string baselineName, string check) =>
        new(name, value, unit, baseline, baselineName, unit is "1/s" or "B/s" ? value / baseline : baseline / value, check, check);

    public string ToJsonLine() => JsonSerializer.Serialize(this, LineOptions);

    /// <summary>Six significant digits say more than any of these measurements can.</summary>
    private sealed class RoundedConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(decimal.Parse(value.ToString("G6", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture));
    }
}
