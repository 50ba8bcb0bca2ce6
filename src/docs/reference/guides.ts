import { defineComponent, h, onBeforeUnmount, onMounted, type PropType, ref } from 'vue';
import { SLUG } from './slugs.ts';

interface Bus {
  emit(event: 'intersecting:nav-item', payload: { id: string }): void;
}

const plain = document.getElementById('plain');
const sections = plain?.querySelectorAll<HTMLElement>('.guides > section') ?? [];

/**
 * In place of the reference's InfoDescription, which makes the guides of Markdown: they stand in the page already, so
 * they are moved. Until then the page without script stays in front of everything.
 */
export const Guides = defineComponent({
  props: { eventBus: Object as PropType<Bus>, headingSlugGenerator: Function, description: String },
  setup({ eventBus }) {
    const place = ref<HTMLElement>();
    // Tells the navigation which section the reader is at: the one that crosses the middle of the window.
    const watching = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries)
          if (isIntersecting) eventBus?.emit('intersecting:nav-item', { id: target.id });
      },
      { rootMargin: '-50% 0px' },
    );
    onMounted(() => {
      for (const section of sections) {
        if (section.id !== '' && !section.id.startsWith(SLUG)) section.id = `${SLUG}/${section.id}`;
        section.className = 'markdown';
        watching.observe(section);
      }
      place.value?.append(...sections);
      plain?.remove();
    });
    onBeforeUnmount(() => watching.disconnect());
    return () => h('div', { ref: place, class: 'introduction-description' });
  },
});
