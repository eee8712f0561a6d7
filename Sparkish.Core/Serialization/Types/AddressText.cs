namespace Sparkish.Serialization.Types;

/// <summary>Addresses as texts that make equal ones.</summary>
internal static class AddressText
{
    public static string Of(Uri uri)
    {
        // Some systems take what begins with a slash for a file.
        var text = uri.IsAbsoluteUri && uri.OriginalString.StartsWith('/') ? uri.AbsoluteUri : uri.OriginalString;
        if (!uri.IsAbsoluteUri || string.Equals(Parse(text).AbsoluteUri, uri.AbsoluteUri, StringComparison.Ordinal)) return text;
        throw new SerializationException("",
            $"the address '{text}' was made with options under which it is another than its text makes, and cannot be sent: send a text");
    }

    public static Uri Parse(string text) => new(text, text.StartsWith('/') ? UriKind.Relative : UriKind.RelativeOrAbsolute);
}
