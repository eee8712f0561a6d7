using System.Collections;
using System.Globalization;
using System.Reflection;

namespace Sparkish.Serialization.Types;

/// <summary>Cultures as their names; those that differ from what the name stands for are refused, and so are cultures where there are none.</summary>
internal static class CultureText
{
    private static readonly PropertyInfo[] NumberFormats = ReadableOf(typeof(NumberFormatInfo));
    private static readonly PropertyInfo[] DateFormats = ReadableOf(typeof(DateTimeFormatInfo));

    /// <summary>Whether this process has the data of the invariant culture alone, whatever the name of a culture.</summary>
    public static bool IsInvariantMode { get; } = CultureInfo.GetCultureInfo("de-DE").NumberFormat.NumberDecimalSeparator is not ",";

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
        return changed is null ? culture.Name : throw new SerializationException("",
            $"the culture '{culture.Name}' was changed ({changed}) and goes as its name alone, so it cannot be sent: make and change it inside the function");
    }

    public static CultureInfo Parse(string name)
    {
        RequireData(name);
        return CultureInfo.GetCultureInfo(name, predefinedOnly: true);
    }

    /// <summary>Refuses a culture that would have the data of another one here.</summary>
    /// <exception cref="SerializationException">The culture is not the invariant one, and this process knows no other.</exception>
    public static void RequireData(string name)
    {
        if (IsInvariantMode && name.Length > 0)
        {
            throw new SerializationException(
                $"The culture '{name}' has no data here: this process runs in globalization-invariant mode. Install ICU (libicu) on this machine, "
                    + "and set InvariantGlobalization to false.");
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
