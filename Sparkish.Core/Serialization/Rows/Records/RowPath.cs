namespace Sparkish.Serialization.Rows.Records;

/// <summary>Adds the position of the refused value in the row to an error, on its way up through typed codecs.</summary>
internal static class RowPath
{
    /// <summary>Returns an error with the member, and the element if it is not negative, prepended to the path so far.</summary>
    public static SerializationException Extend(SerializationException error, Type root, int index, string? member)
    {
        if (error.Reason is null || member is null) return error;
        var own = index < 0 ? $".{member}" : $"[{index}].{member}";
        return new SerializationException(root, own + Below(error), error.Reason);
    }

    /// <summary>An error that names the element.</summary>
    public static SerializationException AtElement(SerializationException error, int index) =>
        error.Reason is null ? error : new SerializationException(null, $"[{index}]{Below(error)}", error.Reason);

    // A part added by a typed codec begins with '.' or '['; a graph's own path begins with a name.
    private static string Below(SerializationException error) =>
        error.Path is not { Length: > 0 } path ? "" : path[0] is '.' or '[' ? path : $".{path}";
}
