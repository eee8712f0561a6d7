namespace Sparkish.Serialization.Types;

/// <summary>Converts addresses to texts that parse to equal ones.</summary>
internal static class AddressText
{
    public static string Of(Uri uri)
    {
        // Some systems treat a text that begins with a slash as a file.
        var text = uri.IsAbsoluteUri && uri.OriginalString.StartsWith('/') ? uri.AbsoluteUri : uri.OriginalString;
        if (!uri.IsAbsoluteUri || string.Equals(Parse(text).AbsoluteUri, uri.AbsoluteUri, StringComparison.Ordinal)) return text;
        throw new SerializationException("",
            $"the address '{text}' was created with options that its text does not preserve, and cannot be sent: send a string");
    }

    public static Uri Parse(string text) => new(text, text.StartsWith('/') ? UriKind.Relative : UriKind.RelativeOrAbsolute);
}
