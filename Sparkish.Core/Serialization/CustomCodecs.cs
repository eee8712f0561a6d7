using Sparkish.Serialization.Types;

namespace Sparkish.Serialization;

/// <summary>The codecs that types name by <see cref="CodecTypeAttribute"/>.</summary>
internal static class CustomCodecs
{
    /// <summary>The type that the named codec of a type was written for: the type itself, a base or an interface; null if no codec is named.</summary>
    public static Type? TargetOf(Type type)
    {
        if (InheritedAttributes.Find<CodecTypeAttribute>(type) is not { } attribute) return null;
        for (var part = attribute.Codec; part is not null; part = part.BaseType)
        {
            if (!part.IsConstructedGenericType || part.GetGenericTypeDefinition() != typeof(Codec<>)) continue;
            var target = part.GenericTypeArguments[0];
            if (target.IsAssignableFrom(type)) return target;
        }

        throw new SerializationException($"{attribute.Codec} is named as the codec of {type} but is not a Codec<{type.Name}>.");
    }
}
