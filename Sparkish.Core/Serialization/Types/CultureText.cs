using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Sparkish.Serialization.Types;

/// <summary>
/// Converts cultures to their names. A culture that differs from the predefined one of its name is refused, and so is every culture in globalization-invariant
/// mode.
/// </summary>
internal static class CultureText
{
    private const string InvariantMark = "@invariant";

    private static readonly PropertyInfo[] NumberFormats = ReadableOf(typeof(NumberFormatInfo));
    private static readonly PropertyInfo[] DateFormats = ReadableOf(typeof(DateTimeFormatInfo));

    /// <summary>Whether this process has only the data of the invariant culture, for any name of a culture.</summary>
    public static bool IsInvariantMode { get; } = HasInvariantDataAlone();

    public static string Of(CultureInfo culture)
    {
        var named = CultureInfo.GetCultureInfo(culture.Name);
        var changed = ReferenceEquals(culture, named) ? null
            : Changed(NumberFormats, culture.NumberFormat, named.NumberFormat, nameof(CultureInfo.NumberFormat))
            ?? Changed(DateFormats, culture.DateTimeFormat, named.DateTimeFormat, nameof(CultureInfo.DateTimeFormat))
            ?? (culture.Calendar.GetType() == named.Calendar.GetType() && culture.Calendar.TwoDigitYearMax == named.Calendar.TwoDigitYearMax
                ? null : nameof(CultureInfo.Calendar))
            ?? (culture.CompareInfo.Equals(named.CompareInfo) ? null : nameof(CultureInfo.CompareInfo))
            ?? (culture.TextInfo.Equals(named.TextInfo) && culture.TextInfo.ListSeparator == named.TextInfo.ListSeparator
                ? null : nameof(CultureInfo.TextInfo));
        return changed is null ? NameOf(culture.Name) : throw new SerializationException("",
            $"the culture '{culture.Name}' was modified ({changed}) but would be sent by name alone, so it cannot be sent: create and modify it inside the function");
    }

    public static CultureInfo Parse(string text) => CultureInfo.GetCultureInfo(NameIn(text), predefinedOnly: true);

    /// <summary>The name of a culture, marked if it has the invariant culture's data here.</summary>
    public static string NameOf(string culture) => IsInvariantMode && culture.Length > 0 ? culture + InvariantMark : culture;

    /// <summary>The name of a culture that has the same data here as in the process of <see cref="NameOf"/>.</summary>
    /// <exception cref="SerializationException">The culture would have other data here.</exception>
    public static string NameIn(string text)
    {
        var wasInvariant = text.EndsWith(InvariantMark, StringComparison.Ordinal);
        var name = wasInvariant ? text[..^InvariantMark.Length] : text;
        if (name.Length == 0 || wasInvariant == IsInvariantMode) return name;
        throw new SerializationException(IsInvariantMode
            ? $"The culture '{name}' has no data here: this process runs in globalization-invariant mode. Install ICU (libicu) on this machine, "
                + "and set InvariantGlobalization to false."
            : $"The culture '{name}' comes from a process in globalization-invariant mode, where it has no data: set InvariantGlobalization to false there.");
    }

    private static bool HasInvariantDataAlone()
    {
        try
        {
            return CultureInfo.GetCultureInfo("de-DE").NumberFormat.NumberDecimalSeparator is not ",";
        }
        catch (CultureNotFoundException)
        {
            return true; // as most programs in that mode are set up
        }
    }

    private static string? Changed(PropertyInfo[] properties, object here, object named, string path) =>
        Array.Find(properties, property => !AreEqual(property.GetValue(here), property.GetValue(named))) is { } changed ? $"{path}.{changed.Name}" : null;

    private static bool AreEqual(object? one, object? other) => one switch
    {
        Array array => StructuralComparisons.StructuralEqualityComparer.Equals(array, other),
        Calendar calendar => calendar.GetType() == other?.GetType(),
        _ => Equals(one, other),
    };

    private static PropertyInfo[] ReadableOf(Type type) =>
        [.. type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(static property => property.Name is not nameof(NumberFormatInfo.IsReadOnly))];
}
