using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sparkish.Serialization.Schemas;

/// <summary>Texts in JSON without any loss: a surrogate without its partner, which a writer of UTF-8 refuses, is escaped.</summary>
internal static class JsonText
{
    /// <summary>Whether a map with such keys is a JSON object.</summary>
    public static bool IsName(SchemaNode key) => key is TextNode or EnumNode or FixedNode { Kind: not FixedKind.Bytes };

    /// <summary>Reads a key as the name of a property.</summary>
    public static string ReadName(SchemaNode key, ref SchemaInput input)
    {
        if (key is TextNode) return input.ReadString() ?? throw new SerializationException("The input holds a map with a key that is null.");
        var number = key is EnumNode named ? named.Underlying : (FixedNode)key;
        var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text)) FixedJson.Write(json, number.Kind, input.Take(number.Size));
        using var value = JsonDocument.Parse(text.ToArray());
        return value.RootElement.ValueKind == JsonValueKind.String ? value.RootElement.GetString()! : value.RootElement.GetRawText();
    }

    public static void Write(Utf8JsonWriter json, string text)
    {
        if (IsValid(text)) json.WriteStringValue(text);
        else json.WriteRawValue($"\"{Escape(text)}\"", skipInputValidation: true);
    }

    // A name has no raw form.
    public static void WriteName(Utf8JsonWriter json, string name) => json.WritePropertyName(IsValid(name) ? name : Escape(name));

    private static bool IsValid(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }

    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var character in text) escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        return escaped.ToString();
    }
}
